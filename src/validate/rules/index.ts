import type { Rule } from '../rule.ts'
import { backupTruncated } from './backup-truncated.ts'
import { bareDuration } from './bare-duration.ts'
import { batchHidesErrors } from './batch-hides-errors.ts'
import { connectorAnswersEarly } from './connector-answers-early.ts'
import { connectorCycle } from './connector-cycle.ts'
import { connectorOneSided } from './connector-one-sided.ts'
import { connectorQueueWithStorage } from './connector-queue-with-storage.ts'
import { connectorUnused } from './connector-unused.ts'
import { deprecatedSetting } from './deprecated-setting.ts'
import { emptyLevel } from './empty-level.ts'
import { futureSetting } from './future-setting.ts'
import { levelNamesExporter } from './level-names-exporter.ts'
import { levelNotAList } from './level-not-a-list.ts'
import { levelPipelineNotFed } from './level-pipeline-not-fed.ts'
import { levelPipelineUndefined } from './level-pipeline-undefined.ts'
import { noEndpoint } from './no-endpoint.ts'
import { noFailoverConnector } from './no-failover-connector.ts'
import { noPriorityLevels } from './no-priority-levels.ts'
import { noTimeout } from './no-timeout.ts'
import { pipelineInNoLevel } from './pipeline-in-no-level.ts'
import { pipelineInTwoLevels } from './pipeline-in-two-levels.ts'
import { pipelineIncomplete } from './pipeline-incomplete.ts'
import { queueHidesErrors } from './queue-hides-errors.ts'
import { removedSetting } from './removed-setting.ts'
import { retryDelaysFailover } from './retry-delays-failover.ts'
import { retryIntervalNotPositive } from './retry-interval-not-positive.ts'
import { retryTimesContradict } from './retry-times-contradict.ts'
import { sameBackend } from './same-backend.ts'
import { signalMismatch } from './signal-mismatch.ts'
import { singleLevel } from './single-level.ts'
import { storageNotEnabled } from './storage-not-enabled.ts'
import { undefinedComponent } from './undefined-component.ts'

/** All rules: first what keeps a collector from starting, then what keeps it from failing over, then what loses data. */
export const RULES: readonly Rule[] = [
  undefinedComponent,
  pipelineIncomplete,
  noEndpoint,
  noPriorityLevels,
  levelNotAList,
  emptyLevel,
  levelNamesExporter,
  levelPipelineUndefined,
  levelPipelineNotFed,
  connectorOneSided,
  signalMismatch,
  connectorCycle,
  retryIntervalNotPositive,
  retryTimesContradict,
  storageNotEnabled,
  removedSetting,
  futureSetting,
  deprecatedSetting,
  queueHidesErrors,
  batchHidesErrors,
  retryDelaysFailover,
  noTimeout,
  bareDuration,
  singleLevel,
  pipelineInTwoLevels,
  pipelineInNoLevel,
  sameBackend,
  connectorUnused,
  noFailoverConnector,
  connectorQueueWithStorage,
  connectorAnswersEarly,
  backupTruncated,
]
