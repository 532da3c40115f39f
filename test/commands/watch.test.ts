import { expect, test } from 'vitest'
import { readInputs } from '../../src/commands/inputs.ts'
import { watch } from '../../src/commands/watch.ts'
import { type FakeHost, fakeHost } from '../fake-host.ts'

const put = (host: FakeHost, path: string, text: string) => host.contents.set(path, new TextEncoder().encode(text))

function watching(files: readonly string[]) {
  const host = fakeHost({ files: { 'a.yaml': '1', 'b.yaml': '1' } })
  let runs = 0
  const done = watch(async () => {
    runs++
    return files
  }, host)
  return { host, done, runs: () => runs }
}

test('a file that changes is checked again, once it has settled, and Ctrl-C ends it', async () => {
  const { host, done, runs } = watching(['a.yaml', 'b.yaml'])
  await host.clock.advance(10_000)
  expect(runs()).toBe(1)
  for (const text of ['2', '3', '4']) {
    put(host, 'a.yaml', text)
    await host.clock.advance(300)
  }
  expect(runs()).toBe(1)
  await host.clock.advance(300)
  expect(runs()).toBe(2)
  await host.clock.advance(10_000)
  expect(runs()).toBe(2)
  expect(host.err).toBe('Watching 2 files. Ctrl-C ends it.\n\nchanged: a.yaml\n\nWatching 2 files. Ctrl-C ends it.\n')
  host.interrupt()
  await done
  expect(host.clock.pending).toBe(0)
})

test('a file that goes and comes back is a change, one that nobody named is none', async () => {
  const { host, done, runs } = watching(['a.yaml'])
  await host.clock.advance(300)
  put(host, 'b.yaml', '2')
  await host.clock.advance(3000)
  expect(runs()).toBe(1)
  host.contents.delete('a.yaml')
  await host.clock.advance(600)
  expect(runs()).toBe(2)
  put(host, 'a.yaml', '1')
  await host.clock.advance(600)
  expect(runs()).toBe(3)
  host.interrupt()
  await done
})

test('a change during the check is not missed', async () => {
  const host = fakeHost({ files: { 'a.yaml': '1' } })
  let runs = 0
  const done = watch(async () => {
    if (++runs === 2) put(host, 'a.yaml', '3')
    return ['a.yaml']
  }, host)
  await host.clock.advance(300)
  put(host, 'a.yaml', '2')
  await host.clock.advance(600)
  expect(runs).toBe(2)
  await host.clock.advance(600)
  expect(runs).toBe(3)
  host.interrupt()
  await done
})

const FILES = { 'configs/a.yaml': '', 'configs/deep/b.yaml': '', 'x[1].yaml': '', 'c.yaml': '' }
test.each([
  [['c.yaml'], [], false, [['c.yaml']], []],
  [['configs/**/*.yaml', 'c.yaml'], [], false, [['configs/a.yaml'], ['configs/deep/b.yaml'], ['c.yaml']], []],
  [['configs/*.yaml', 'configs/a.yaml'], [], false, [['configs/a.yaml']], []],
  [['x[1].yaml'], [], false, [['x[1].yaml']], []],
  [['none/*.yaml', 'c.yaml'], [], false, [['c.yaml']], ['none/*.yaml']],
  [['c.yaml'], ['p.yaml', 'q.yaml'], false, [['c.yaml'], ['p.yaml', 'q.yaml']], []],
  [['configs/**/*.yaml'], ['p.yaml'], true, [['p.yaml', 'configs/a.yaml', 'configs/deep/b.yaml']], []],
  [['c.yaml', 'none/*.yaml'], [], true, [], ['none/*.yaml']],
  [['missing.yaml'], [], false, [['missing.yaml']], []],
  [['yaml:a: [1]'], [], false, [['yaml:a: [1]']], []],
])('%j with --config %j and --merge %s', async (words, config, merge, configs, unmatched) => {
  expect(await readInputs({ words, config, merge }, fakeHost({ files: FILES }).files)).toEqual({ configs, unmatched })
})
