import type { Kubectl } from '../../platforms/kubectl.ts'
import { EMPTY, parseRecord, recordText } from '../record.ts'
import type { RecordStore } from '../store.ts'
import type { ConfigMap } from './objects.ts'

export const recordName = (kind: string, workload: string): string => `failoverctl-${kind}-${workload}`

/** The record as a config map beside the workload: lock, backup and history, for whoever comes from wherever. */
export function sharedStore(kubectl: Kubectl, name: string): RecordStore {
  let last: ConfigMap | undefined
  return {
    async read() {
      last = await kubectl.find<ConfigMap>('configmap', name)
      return parseRecord(last?.data?.['record.json'] ?? '') ?? EMPTY
    },
    // Nobody else has written it in between: an object that is there has the version that we read.
    async write(record) {
      const { resourceVersion } = last?.metadata ?? {}
      const labels = { 'app.kubernetes.io/managed-by': 'failoverctl' }
      const map: ConfigMap = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, labels, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
        data: { 'record.json': recordText(record) },
      }
      last = (await (resourceVersion === undefined ? kubectl.create(map) : kubectl.replace(map))) as ConfigMap
    },
  }
}
