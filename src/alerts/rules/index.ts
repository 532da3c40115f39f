import type { AlertRule } from '../alert.ts'
import { allLevelsFailed } from './all-levels-failed.ts'
import { backupGrowing } from './backup-growing.ts'
import { backupNearLimit } from './backup-near-limit.ts'
import { collectorGone } from './collector-gone.ts'
import { crashLoop } from './crash-loop.ts'
import { exportFailing } from './export-failing.ts'
import { failedOver } from './failed-over.ts'
import { noRecovery } from './no-recovery.ts'
import { queueNearFull } from './queue-near-full.ts'
import { receiverRefusing } from './receiver-refusing.ts'

/** All that alerts are made from: what the connector does, what becomes of the data, how the collector is. */
export const ALERT_RULES: readonly AlertRule[] = [
  failedOver,
  allLevelsFailed,
  noRecovery,
  exportFailing,
  queueNearFull,
  receiverRefusing,
  backupGrowing,
  backupNearLimit,
  crashLoop,
  collectorGone,
]
