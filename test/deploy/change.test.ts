import { describe, expect, test } from 'vitest'
import { bare, restarted } from '../../src/deploy/kubernetes/change.ts'
import { CONFIG_HASH, canonical, DEPLOY, type Workload } from '../../src/deploy/kubernetes/objects.ts'
import type { Change } from '../../src/deploy/target.ts'

const workload = (annotations: object | undefined, updateStrategy: object | undefined, more: object = {}) =>
  ({
    kind: 'StatefulSet',
    metadata: { name: 'x' },
    spec: {
      replicas: 3,
      ...(updateStrategy ? { updateStrategy } : {}),
      ...more,
      template: { metadata: { labels: { a: 'b' }, ...(annotations ? { annotations } : {}) }, spec: { containers: [] } },
    },
  }) as unknown as Workload

const rolling = { type: 'RollingUpdate', rollingUpdate: { partition: 0 } }
const change = (old: Workload, canary: boolean): Change => ({
  id: 'new',
  config: 'c',
  hash: 'h',
  canary,
  wasWell: true,
  backup: { config: 'o', state: { workload: old } },
})

describe.each([
  ['no annotations', undefined, rolling],
  ['empty annotations', {}, rolling],
  ["somebody's annotations", { 'kubectl.kubernetes.io/restartedAt': 't' }, rolling],
  ['those of an earlier deployment', { [DEPLOY]: 'old', [CONFIG_HASH]: 'g', other: 'x' }, rolling],
  ['no strategy', undefined, undefined],
] as const)('%s', (_, annotations, strategy) => {
  const old = workload(annotations, strategy)

  test.each([
    ['all at once', false, 0],
    ['a canary', true, 2],
    ['the end of a canary', true, 0],
  ] as const)('%s: without what was put into it, it is as it was', (_name, canary, partition) => {
    const now = restarted(old, change(old, canary), partition)
    expect(now.spec.template.metadata?.annotations).toMatchObject({ [DEPLOY]: 'new', [CONFIG_HASH]: 'h' })
    expect(canonical(now.spec)).not.toBe(canonical(old.spec))
    if (strategy) expect(canonical(bare(now, old))).toBe(canonical(bare(old, undefined)))
  })

  test('what somebody else changed is seen; a number of pods is nothing', () => {
    const now = restarted(old, change(old, false), 0)
    const spec = (more: object) => ({ ...now, spec: { ...now.spec, ...more } }) as Workload
    expect(canonical(bare(spec({ replicas: 9 }), old))).toBe(canonical(bare(old, undefined)))
    expect(canonical(bare(spec({ minReadySeconds: 3 }), old))).not.toBe(canonical(bare(old, undefined)))
    const theirs = restarted(now, { ...change(old, false), id: 'new' }, 0)
    const annotated = {
      ...theirs.spec.template,
      metadata: { ...theirs.spec.template.metadata, annotations: { ...theirs.spec.template.metadata?.annotations, theirs: '1' } },
    }
    expect(canonical(bare(spec({ template: annotated }), old))).not.toBe(canonical(bare(old, undefined)))
  })
})
