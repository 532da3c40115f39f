import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { realFiles } from '../../src/adapters/files.ts'

const folder = mkdtempSync(join(tmpdir(), 'failoverctl-files-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  ['missing.yaml', 'no-such-file', /no such file/],
  ['.', 'is-a-directory', /is a directory, expected a file/],
  ['file.txt/inside', 'no-such-file', /no such file/],
])('%s is %s', async (name, code, message) => {
  writeFileSync(join(folder, 'file.txt'), 'x')
  await expect(realFiles.read(join(folder, name))).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
})

test('append makes the folders that lead to the file', async () => {
  const path = join(folder, 'a/b/c.txt')
  await realFiles.append(path, Buffer.from('one\n'))
  await realFiles.append(path, Buffer.from('two\n'))
  expect(Buffer.from(await realFiles.read(path)).toString()).toBe('one\ntwo\n')
})

test('a temporary folder is there until it is removed', async () => {
  const made = await realFiles.temporaryFolder('failoverctl-test')
  mkdirSync(join(made, 'x'))
  expect(await realFiles.exists(made)).toBe(true)
  await realFiles.remove(made)
  expect(await realFiles.exists(made)).toBe(false)
})
