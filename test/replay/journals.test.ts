import { expect, test } from 'vitest'
import { encodeRecords, type JournalRecord } from '../../src/replay/journal-text.ts'
import { readJournals, shardFolders } from '../../src/replay/journals.ts'
import { FakeDisk } from './fake-disk.ts'

const settled = (from: number, to: number, lines: number, as: 'acknowledged' | 'skipped' = 'acknowledged'): JournalRecord => ({
  do: 'settled',
  id: 'home-1-1024-abc',
  from,
  to,
  lines,
  items: 10 * lines,
  as,
})
const file: JournalRecord = { do: 'file', id: 'home-1-1024-abc', path: '/b/one', size: 300 }

const disk = new FakeDisk([
  ['/b/s/journal', encodeRecords([file, settled(200, 300, 4)])],
  ['/b/s/shard-0-of-2/journal', encodeRecords([file, settled(0, 100, 1)])],
  ['/b/s/shard-1-of-2/journal', encodeRecords([file, settled(100, 150, 2), settled(150, 200, 3, 'skipped')])],
  ['/b/s/shard-1-of-2/dead-letters.jsonl', new TextEncoder().encode('{}\n')],
  ['/b/s/other/journal', encodeRecords([settled(0, 300, 99)])],
])

test('the shards of a state folder are found, and nothing else', async () => {
  expect(await shardFolders('/b/s', { disk })).toEqual(['/b/s/shard-0-of-2', '/b/s/shard-1-of-2'])
  expect(await shardFolders('/nowhere', { disk })).toEqual([])
})

test('what one has settled is settled for all, and their counts add up', async () => {
  const folders = ['/b/s', ...(await shardFolders('/b/s', { disk }))]
  const progress = (await readJournals(folders, { disk, files: disk.files })).get('home-1-1024-abc')
  expect([...(progress?.settled ?? [])]).toEqual([[0, 300]])
  expect(progress?.lines).toEqual({ acknowledged: 7, 'dead-letter': 0, skipped: 3 })
  expect(progress?.items).toEqual({ acknowledged: 70, 'dead-letter': 0, skipped: 30 })
})
