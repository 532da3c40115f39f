import type { Rule } from '../rule.ts'
import { ambiguousId } from './ambiguous-id.ts'
import { anyErrorFailsOver } from './any-error-fails-over.ts'
import { authNotEnabled } from './auth-not-enabled.ts'
import { backupSize } from './backup-size.ts'
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
import { fileMixesSignals } from './file-mixes-signals.ts'
import { fileShared } from './file-shared.ts'
import { futureSetting } from './future-setting.ts'
import { insecurePublic } from './insecure-public.ts'
import { invalidName } from './invalid-name.ts'
import { lastLevelRemote } from './last-level-remote.ts'
import { levelDuplicates } from './level-duplicates.ts'
import { levelNamesExporter } from './level-names-exporter.ts'
import { levelNotAList } from './level-not-a-list.ts'
import { levelPipelineNotFed } from './level-pipeline-not-fed.ts'
import { levelPipelineUndefined } from './level-pipeline-undefined.ts'
import { levelUnseen } from './level-unseen.ts'
import { listedTwice } from './listed-twice.ts'
import { memoryLimiterFirst } from './memory-limiter-first.ts'
import { memoryLimiterLimits } from './memory-limiter-limits.ts'
import { noEndpoint } from './no-endpoint.ts'
import { noFailoverConnector } from './no-failover-connector.ts'
import { noPriorityLevels } from './no-priority-levels.ts'
import { noTimeout } from './no-timeout.ts'
import { pipelineInNoLevel } from './pipeline-in-no-level.ts'
import { pipelineInTwoLevels } from './pipeline-in-two-levels.ts'
import { pipelineIncomplete } from './pipeline-incomplete.ts'
import { portUsedTwice } from './port-used-twice.ts'
import { profilesGate } from './profiles-gate.ts'
import { queueConsumers } from './queue-consumers.ts'
import { queueHidesErrors } from './queue-hides-errors.ts'
import { queueTooSmall } from './queue-too-small.ts'
import { recoveryWaitsForGrpc } from './recovery-waits-for-grpc.ts'
import { relativePath } from './relative-path.ts'
import { removedSetting } from './removed-setting.ts'
import { retryDelaysFailover } from './retry-delays-failover.ts'
import { retryGapTooLong } from './retry-gap-too-long.ts'
import { retryIntervalNotPositive } from './retry-interval-not-positive.ts'
import { retryTimesContradict } from './retry-times-contradict.ts'
import { sameBackend } from './same-backend.ts'
import { secretInClear } from './secret-in-clear.ts'
import { senderCannotRetry } from './sender-cannot-retry.ts'
import { senderGivesUpFirst } from './sender-gives-up-first.ts'
import { settingsContradict } from './settings-contradict.ts'
import { signalMismatch } from './signal-mismatch.ts'
import { signalsDiffer } from './signals-differ.ts'
import { singleLevel } from './single-level.ts'
import { slowFailover } from './slow-failover.ts'
import { slowRecovery } from './slow-recovery.ts'
import { storageNotEnabled } from './storage-not-enabled.ts'
import { storageWithoutFsync } from './storage-without-fsync.ts'
import { undefinedComponent } from './undefined-component.ts'
import { waitForResultWithStorage } from './wait-for-result-with-storage.ts'

/** All rules: first what keeps a collector from starting, then what keeps it from failing over, then what loses data. */
export const RULES: readonly Rule[] = [
  undefinedComponent,
  invalidName,
  settingsContradict,
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
  listedTwice,
  memoryLimiterLimits,
  waitForResultWithStorage,
  retryGapTooLong,
  ambiguousId,
  profilesGate,
  authNotEnabled,
  portUsedTwice,
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
  levelDuplicates,
  signalsDiffer,
  slowFailover,
  slowRecovery,
  recoveryWaitsForGrpc,
  anyErrorFailsOver,
  connectorUnused,
  noFailoverConnector,
  connectorQueueWithStorage,
  connectorAnswersEarly,
  backupTruncated,
  fileShared,
  fileMixesSignals,
  relativePath,
  backupSize,
  lastLevelRemote,
  senderCannotRetry,
  senderGivesUpFirst,
  queueTooSmall,
  storageWithoutFsync,
  queueConsumers,
  memoryLimiterFirst,
  levelUnseen,
  insecurePublic,
  secretInClear,
]
