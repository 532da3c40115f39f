import { execFileSync } from 'node:child_process'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { readFile } from 'node:fs/promises'
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

test('side by side, they make the same folders', async () => {
  const paths = Array.from({ length: 30 }, (_, index) => join(folder, `p/q/r/s/${index % 3}/${index}.txt`))
  await Promise.all(paths.map(path => realFiles.append(path, Buffer.from('one'))))
  expect(paths.map(path => readFileSync(path, 'utf8'))).toEqual(paths.map(() => 'one'))
})

test.each([
  ['a file stands where a folder would', join(folder, 'in-the-way/b/c.txt'), /ENOTDIR|EEXIST/],
  // Node's own mkdir would never come back from here.
  ['a file system that takes no folders', '/proc/x/y/c.txt', /takes no folders/],
])('append where %s: an error', async (_, path, message) => {
  writeFileSync(join(folder, 'in-the-way'), '')
  await expect(realFiles.append(path, Buffer.from('x'))).rejects.toMatchObject({
    code: 'unwritable',
    message: expect.stringMatching(message),
  })
})

test('a temporary folder is there until it is removed', async () => {
  const made = await realFiles.temporaryFolder('failoverctl-test')
  mkdirSync(join(made, 'x'))
  expect(await realFiles.exists(made)).toBe(true)
  await realFiles.remove(made)
  expect(await realFiles.exists(made)).toBe(false)
})

test('a pattern finds files in folders, sorted, and no folders', async () => {
  for (const name of ['globs/b.yaml', 'globs/deep/a.yaml', 'globs/c.txt'])
    await realFiles.append(join(folder, name), Buffer.from('x'))
  const found = await realFiles.glob([`${folder.replaceAll('\\', '/')}/globs/**/*.yaml`])
  expect(found.map(path => path.slice(path.indexOf('globs/')))).toEqual(['globs/b.yaml', 'globs/deep/a.yaml'])
  expect(await realFiles.glob([`${folder.replaceAll('\\', '/')}/none/*.yaml`])).toEqual([])
})

test('a stamp changes with the file, and there is none without one', async () => {
  const path = join(folder, 'stamped.txt')
  expect(await realFiles.stamp(path)).toBeUndefined()
  writeFileSync(path, 'one')
  const before = await realFiles.stamp(path)
  expect(await realFiles.stamp(path)).toBe(before)
  writeFileSync(path, 'other')
  expect(await realFiles.stamp(path)).not.toBe(before)
})

test('a file is replaced whole: links stay links, modes stay, and no draft is left behind', async () => {
  const made = join(folder, 'written')
  mkdirSync(made)
  writeFileSync(join(made, 'real.txt'), 'old', { mode: 0o600 })
  symlinkSync('real.txt', join(made, 'link.txt'))
  await realFiles.write(join(made, 'link.txt'), Buffer.from('new'))
  expect(readFileSync(join(made, 'real.txt'), 'utf8')).toBe('new')
  expect(statSync(join(made, 'real.txt')).mode & 0o777).toBe(0o600)
  expect(lstatSync(join(made, 'link.txt')).isSymbolicLink()).toBe(true)
  await realFiles.write(join(made, 'fresh.txt'), Buffer.from('new'))
  expect(readdirSync(made).sort()).toEqual(['fresh.txt', 'link.txt', 'real.txt'])
  await expect(realFiles.write(join(made, 'none/x.txt'), Buffer.from(''))).rejects.toMatchObject({ code: 'unwritable' })
})

test('a pipe is written into, and stays a pipe', async () => {
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  const reader = readFile(pipe, 'utf8')
  await realFiles.write(pipe, Buffer.from('report'))
  expect([await reader, lstatSync(pipe).isFIFO()]).toEqual(['report', true])
})

test('what cannot be appended to says why', async () => {
  writeFileSync(join(folder, 'in-the-way'), '')
  await expect(realFiles.append(join(folder, 'in-the-way/x.txt'), Buffer.from('x'))).rejects.toMatchObject({ code: 'unwritable' })
})
