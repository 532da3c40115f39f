import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

/**
 * The built executable over every folder of fixtures/golden/<command>/<case>: command.txt holds its arguments, one a line;
 * stdin.txt is its standard input, if there; stdout.txt, stderr.txt and exit.txt are what must come out, to the letter.
 * UPDATE_GOLDEN=1 writes them anew.
 */
const root = fileURLToPath(new URL('../fixtures/golden/', import.meta.url))
const bin = fileURLToPath(new URL('../bin/failoverctl.js', import.meta.url))
const folders = (path: string) =>
  readdirSync(path, { withFileTypes: true }).flatMap(entry => (entry.isDirectory() ? [entry.name] : []))
const cases = folders(root).flatMap(command => folders(root + command).map(name => `${command}/${name}`))

function run(folder: string): Record<'stdout.txt' | 'stderr.txt' | 'exit.txt', string> {
  const argv = readFileSync(`${folder}/command.txt`, 'utf8').trimEnd().split('\n')
  const input = existsSync(`${folder}/stdin.txt`) ? readFileSync(`${folder}/stdin.txt`) : ''
  const env = { PATH: process.env.PATH ?? '', HOME: folder, NO_COLOR: '1' }
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...argv], { cwd: folder, input, encoding: 'utf8', env })
  return { 'stdout.txt': stdout, 'stderr.txt': stderr, 'exit.txt': `${status}\n` }
}

test('there are cases', () => expect(cases.length).toBeGreaterThan(5))

describe.each(cases)('%s', name => {
  const folder = root + name
  const got = run(folder)
  if (process.env.UPDATE_GOLDEN) for (const [file, text] of Object.entries(got)) writeFileSync(`${folder}/${file}`, text)
  test.each(['stdout.txt', 'stderr.txt', 'exit.txt'] as const)('%s', file => {
    expect(got[file]).toBe(readFileSync(`${folder}/${file}`, 'utf8'))
  })
})
