import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Outcome } from '../../src/model/outcome.ts'
import { hasGo } from '../collector/build.mjs'
import { path, World } from './process-world.ts'

const levelsOf = (out: string) => (JSON.parse(out) as Outcome).levels.map(({ level }) => level)

describe.skipIf(!(await hasGo()) && !process.env.CI)(
  'chaos on the collector itself and on its machine (skipped without Go)',
  () => {
    const world = new World()
    const config = join(world.folder, 'main.yaml')
    beforeAll(async () => {
      copyFileSync(path('fixtures/poc/main.yaml'), config)
      await world.start({ config, section: { collector: { config } } })
    }, 300_000)
    afterAll(() => world.stop())

    test('crash: it is killed and started again; what was acknowledged before is there', async () => {
      const before = world.pid('main')
      const { exit, out, err } = await world.run('chaos', '--json', '--crash', 'collector')
      expect(err).toBe('')
      const { verdict, ledger, faults } = JSON.parse(out) as Outcome
      expect({ exit, verdict, lost: ledger.lost }).toEqual({ exit: 0, verdict: 'held', lost: 0 })
      expect(faults).toMatchObject([{ kind: 'crash', backend: 'collector' }])
      expect(world.pid('main')).not.toBe(before)
      expect(world.state('main')).toMatch(/[SR]/)
    }, 120_000)

    const changed = join(world.folder, 'changed.yaml')
    const original = readFileSync(path('fixtures/poc/main.yaml'), 'utf8')

    test('another config for a while: it is read at SIGHUP, and the old one is back, byte for byte and with its rights', async () => {
      // Without the primary: whatever comes goes to the secondary, as long as this config is read.
      writeFileSync(changed, original.replaceAll('/primary]\n', '/secondary]\n'))
      const before = { pid: world.pid('main'), mode: statSync(config).mode }
      const { out, err } = await world.run('chaos', '--json', '--change-config', `collector=${changed}`, '--hold', '3s')
      expect(err).toBe('')
      expect((JSON.parse(out) as Outcome).ledger.delivered.secondary).toBeGreaterThan(0)
      expect(readFileSync(config, 'utf8')).toBe(original)
      expect({ pid: world.pid('main'), mode: statSync(config).mode }).toEqual(before)
      expect(readdirSync(world.folder).filter(name => name.includes('.failoverctl-'))).toEqual([])
    }, 120_000)

    test('a config that ends the collector: it is started again with the old one', async () => {
      writeFileSync(changed, 'receivers: {nonsense: {}}\n')
      const before = world.pid('main')
      await world.run('chaos', '--json', '--change-config', `collector=${changed}`, '--hold', '3s')
      expect(readFileSync(config, 'utf8')).toBe(original)
      expect(world.pid('main')).not.toBe(before)
      expect(world.state('main')).toMatch(/[SR]/)
      const { exit, out } = await world.run('chaos', '--json', '--stop', 'primary')
      expect({ exit, levels: levelsOf(out) }).toEqual({ exit: 0, levels: [0, 1, 0] })
    }, 120_000)

    test('kill -9 while another config is read: the guard brings the old one back', async () => {
      writeFileSync(changed, original.replaceAll('/primary]\n', '/secondary]\n'))
      const tool = world.tool('chaos', '--change-config', `collector=${changed}`, '--hold', '60s')
      const gone = once(tool, 'close')
      for (let turn = 0; turn < 300 && readFileSync(config, 'utf8') === original; turn++) await sleep(20)
      tool.kill('SIGKILL')
      await gone
      await world.guarded()
      await world.unguarded()
      expect(readFileSync(config, 'utf8')).toBe(original)
      expect(world.guardLog).toMatch(/undone: config collector: .*main\.yaml is as before, process \d+ reads it anew/)
    }, 120_000)

    test('a config that is not there: exit 3 before anything is changed', async () => {
      const { exit, err } = await world.run('chaos', '--change-config', 'collector=nowhere.yaml')
      expect({ exit, err }).toEqual({ exit: 3, err: expect.stringMatching(/nowhere\.yaml: no such file/) })
      expect(readFileSync(config, 'utf8')).toBe(original)
    }, 60_000)
  },
)

const isRoot = process.getuid?.() === 0

describe.skipIf(!process.env.CI && !(isRoot && (await hasGo())))('a full disk (skipped without root, or without Go)', () => {
  const world = new World()
  const volume = join(world.folder, 'volume')
  beforeAll(async () => {
    mkdirSync(volume)
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', volume]).status).toBe(0)
    await world.start({ backend: name => ({ volume: name === 'primary' ? volume : '/' }) })
  }, 300_000)
  afterAll(async () => {
    spawnSync('umount', [volume])
    await world.stop()
  })

  const free = () => Number(spawnSync('stat', ['-f', '-c', '%a', volume], { encoding: 'utf8' }).stdout) * 4096

  test('the volume is full for a while, and then as it was', async () => {
    const before = free()
    const running = world.run('chaos', '--json', '--disk-full', 'primary', '--hold', '2s')
    let least = before
    for (let turn = 0; turn < 400 && least === before; turn++) {
      await sleep(20)
      least = Math.min(least, free())
    }
    expect(least).toBeLessThanOrEqual(64 * 1024)
    const { exit, err } = await running
    expect({ exit, err }).toEqual({ exit: 0, err: '' })
    expect({ left: readdirSync(volume), free: free() }).toEqual({ left: [], free: before })
  }, 120_000)

  test('kill -9 while it is full: the guard removes the file', async () => {
    const tool = world.tool('chaos', '--disk-full', 'primary', '--hold', '60s')
    const gone = once(tool, 'close')
    for (let turn = 0; turn < 400 && readdirSync(volume).length === 0; turn++) await sleep(20)
    tool.kill('SIGKILL')
    await gone
    await world.guarded()
    await world.unguarded()
    expect(readdirSync(volume)).toEqual([])
  }, 120_000)

  test('the root file system is not filled unless that is meant: exit 4 with the flag', async () => {
    const { exit, err } = await world.run('chaos', '--disk-full', 'level0', '--disk-full', 'secondary')
    expect({ exit, err }).toEqual({
      exit: 4,
      err: expect.stringMatching(
        /disk-full secondary cannot be done with processes on this machine: \/ is on the root file system.*--allow-root-volume/,
      ),
    })
    expect(readdirSync(volume)).toEqual([])
  }, 60_000)
})
