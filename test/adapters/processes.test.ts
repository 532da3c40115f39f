import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { realProcesses } from '../../src/adapters/processes.ts'

const folder = mkdtempSync(join(tmpdir(), 'failoverctl-processes-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function until(holds: () => Promise<boolean>): Promise<boolean> {
  for (let turn = 0; turn < 200; turn++) {
    if (await holds()) return true
    await sleep(20)
  }
  return false
}

test('a program is started from words, not by a shell; it says its things into the log, and is gone after a signal', async () => {
  const log = join(folder, 'deep/out.log')
  const script = 'console.log(process.argv[1]); setInterval(() => {}, 1000)'
  const started = await realProcesses.start([process.execPath, '-e', script, '$HOME; a b'], log)
  expect(await realProcesses.find(started.pid)).toEqual(started)
  expect(await until(async () => readFileSync(log, 'utf8') === '$HOME; a b\n')).toBe(true)
  expect(await realProcesses.signal({ ...started, started: 'another' }, 'SIGKILL')).toBe(false)
  expect(await realProcesses.signal(started, 'SIGKILL')).toBe(true)
  expect(await until(async () => (await realProcesses.find(started.pid)) === undefined)).toBe(true)
  expect(await realProcesses.signal(started, 'SIGCONT')).toBe(false)
})

test('a program that there is not', async () => {
  await expect(realProcesses.start(['/no/such/program'], join(folder, 'none.log'))).rejects.toMatchObject({
    code: 'no-process',
    message: expect.stringMatching(/^\/no\/such\/program cannot be started \(.*ENOENT/),
  })
})

test('this process is found, and a number that nobody has is not', async () => {
  const self = await realProcesses.self()
  expect(self.pid).toBe(process.pid)
  expect(await realProcesses.find(process.pid)).toEqual(self)
  expect(await realProcesses.find(2 ** 22 + 1)).toBeUndefined()
})
