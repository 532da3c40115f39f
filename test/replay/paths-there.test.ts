import { describe, expect, test } from 'vitest'
import { stateFolderOf } from '../../src/replay/find.ts'
import { pathsThere } from '../../src/replay/paths-there.ts'
import { FakeDisk } from './fake-disk.ts'

/** A world with these files, in which a pattern names those that end as it does. */
function worldOf(...paths: string[]) {
  const files = {
    glob: async ([pattern = '']: readonly string[]) =>
      pattern.includes('*') ? paths.filter(path => path.endsWith(pattern.slice(pattern.lastIndexOf('*') + 1))) : [],
  }
  return { disk: new FakeDisk(paths.map(path => [path, new Uint8Array(1)])), files }
}

describe('the checkpoint stays where it is when files have been put away', () => {
  test.each([
    ['/b/*/t.jsonl', ['/b/one/t.jsonl', '/b/two/t.jsonl'], '/b'],
    ['/b/*/t.jsonl', ['/b/two/t.jsonl'], '/b'],
    ['/b/*/t.jsonl', ['/b/.failoverctl-replay/journal'], '/b'],
    ['/b/t*.jsonl', ['/b/t1.jsonl'], '/b'],
    ['/b/t.jsonl', ['/b/t.jsonl'], '/b'],
    ['/b/t.jsonl', ['/b/.failoverctl-replay/journal'], '/b'],
    ['/b', ['/b/t.jsonl'], '/b'],
  ])('%s with %j', async (path, files, folder) => {
    expect(await stateFolderOf([path], worldOf(...files))).toBe(`${folder}/.failoverctl-replay`)
  })

  test('a name that never led anywhere has none', async () => {
    await expect(stateFolderOf(['/b/typo.jsonl'], worldOf('/b/t.jsonl'))).rejects.toThrow('no such file or folder')
  })
})

describe('a path is left out when its files are put away', () => {
  const done = { path: '/b/one/t.jsonl', done: { size: 1 } }
  const open = { path: '/b/one/t.jsonl' }
  test.each([
    ['/b/*/t.jsonl', done, false, []],
    ['/b/one/t.jsonl', done, false, []],
    ['./b/one/t.jsonl', { ...done, path: 'b/one/t.jsonl' }, false, []],
    ['/b/one/typo.jsonl', done, false, ['/b/one/typo.jsonl']],
    ['/c/*/t.jsonl', done, false, ['/c/*/t.jsonl']],
    // Who knows where it is: its rest is still to be sent.
    ['/b/one/t.jsonl', open, false, ['/b/one/t.jsonl']],
    ['/b/one/t.jsonl', open, true, []],
  ])('%s, %j, followed: %s', async (path, seen, follow, expected) => {
    expect(await pathsThere([path], [seen], follow, worldOf())).toEqual(expected)
    expect(await pathsThere(['/b/new.jsonl'], [seen], follow, worldOf('/b/new.jsonl'))).toEqual(['/b/new.jsonl'])
  })
})
