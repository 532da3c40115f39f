import { describe, expect, test } from 'vitest'
import { NEWEST } from '../../src/collector/versions.ts'
import { checkConfig } from '../../src/validate/check.ts'
import { REMARKS } from '../../src/validate/remarks.ts'
import { fakeHost } from '../fake-host.ts'
import { readMarks } from '../marks.ts'

const found = async (text: string, rule: string) =>
  (await checkConfig(['a.yaml'], NEWEST, fakeHost({ files: { 'a.yaml': text } }))).findings.filter(
    finding => finding.rule === rule,
  )

const topics = REMARKS.filter(({ id }) => ['queue-volume-not-kept', 'host-port-update'].includes(id))

describe.each(topics)('$id', ({ id, bad, good }) => {
  test.each([...bad, ...good])('example %#', async example => {
    const { text, marks } = readMarks(example, 'a.yaml')
    expect((await found(text, id)).map(({ at }) => at)).toEqual(marks)
  })
})

const MOUNTED = topics[0]?.good[0] ?? ''

test.each([
  ['no mount at all', MOUNTED.replace(/^ {2}volumeMounts.*$/m, ''), 'container'],
  ['a mount elsewhere', MOUNTED.replace('mountPath: /queue', 'mountPath: /que'), 'container'],
  ['an emptyDir', MOUNTED.replace(/^ {2}volumeClaim.*$/m, '  volumes: [{ name: queue, emptyDir: {} }]'), 'pod'],
  [
    'a mount above it',
    MOUNTED.replace('mountPath: /queue', 'mountPath: /').replace(
      /^ {2}volumeClaim.*$/m,
      '  volumes: [{ name: queue, hostPath: { path: /q } }]',
    ),
    undefined,
  ],
  [
    'two workloads, of which nobody knows which one it is',
    `${MOUNTED.replace(/^ {2}volumeMounts.*$/m, '')}---\nkind: Deployment\n`,
    undefined,
  ],
])('a queue and %s', async (_, text, gone) => {
  expect((await found(text, 'queue-volume-not-kept')).map(({ message }) => / gone with the (\w+)/.exec(message)?.[1])).toEqual(
    gone ? [gone] : [],
  )
})

test('a Deployment with a port of the node can wait for ever', async () => {
  const text = readMarks(topics[1]?.bad[0] ?? '').text.replace('DaemonSet', 'Deployment')
  expect(await found(text, 'host-port-update')).toMatchObject([{ severity: 'warning' }])
  expect(await found(text.replace('spec:\n', 'spec:\n  strategy: { type: Recreate }\n'), 'host-port-update')).toEqual([])
})
