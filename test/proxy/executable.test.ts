import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const cli = fileURLToPath(new URL('../../bin/failoverctl.js', import.meta.url))
const wait = { timeout: 15_000, interval: 20 }

test('the built executable forwards, reads its file again on SIGHUP, and ends with 0 on SIGTERM, whatever comes then', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'failoverctl-proxy-'))
  const answer = { afterMs: 0 }
  const backend = createServer((_, response) => void setTimeout(() => response.end('there'), answer.afterMs)).listen(
    0,
    '127.0.0.1',
  )
  await once(backend, 'listening')
  const file = join(folder, 'proxy.yaml')
  const write = (endpoints: string) =>
    writeFileSync(file, `listeners: [{listen: "127.0.0.1:0", name: x, endpoints: [${endpoints}]}]\n`)
  write(`"http://127.0.0.1:1", "http://127.0.0.1:${(backend.address() as AddressInfo).port}"`)
  const child = spawn(process.execPath, [cli, 'proxy', file], { stdio: ['ignore', 'pipe', 'pipe'] })
  let err = ''
  child.stderr.on('data', part => {
    err += part
  })
  try {
    await expect.poll(() => err, wait).toMatch(/http {2}127\.0\.0\.1:\d+ {2}x\n/)
    const url = () => `http://127.0.0.1:${/:(\d+) {2}x/.exec(err)?.[1]}/`
    expect(await (await fetch(url())).text()).toBe('there')
    write('')
    child.kill('SIGHUP')
    await expect.poll(() => err, wait).toContain('read again')
    expect((await fetch(url())).status).toBe(503)
    write(`"http://127.0.0.1:${(backend.address() as AddressInfo).port}"`)
    child.kill('SIGHUP')
    await expect.poll(() => err.match(/read again/g)?.length, wait).toBe(2)
    answer.afterMs = 800
    const under = fetch(url()).then(reply => reply.text())
    await new Promise(resolve => setTimeout(resolve, 300))
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await expect.poll(() => err, wait).toContain('letting requests under way end')
    // As a terminal sends it that is closed: what is under way ends all the same.
    child.kill('SIGHUP')
    expect(await under).toBe('there')
    expect(await ended).toEqual([0, null])
  } finally {
    child.kill('SIGKILL')
    backend.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
