import { expect, test } from 'vitest'
import { endedByOthers } from '../../src/chaos/bystanders.ts'
import type { Deed, Target, TargetBackend } from '../../src/chaos/target.ts'
import { FailoverctlError } from '../../src/core/errors.ts'

const backend = (name: string, isThere: boolean, can: readonly Deed[] = ['stop', 'pause']) =>
  ({
    name,
    can: new Set(can),
    prepare: async () => {
      if (!isThere) throw new FailoverctlError('no-process', `process 7 of ${name} does not run`)
      return { inject: async () => {}, undo: async () => {} }
    },
  }) as unknown as TargetBackend

const said = (backends: readonly TargetBackend[], touched: readonly string[] = []) =>
  endedByOthers({ backends } as unknown as Target, {
    windows: touched.map(name => ({ backend: name, kind: 'stop', at_s: 0, until_s: null })),
  })

test('a backend that nobody touched and that is gone is named, with the reason', async () => {
  expect(await said([backend('primary', true), backend('secondary', false)])).toEqual([
    'secondary ended, and not by this experiment (process 7 of secondary does not run)',
  ])
})

test('what the experiment has stopped is no surprise, and what has no process cannot end', async () => {
  expect(await said([backend('primary', false), backend('file', false, [])], ['primary'])).toEqual([])
})
