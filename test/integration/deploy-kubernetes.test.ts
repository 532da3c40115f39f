import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { CONFIG_HASH, type ConfigMap, canonical, essence, type Pod, type Workload } from '../../src/deploy/kubernetes/objects.ts'
import { hashOf } from '../../src/deploy/record.ts'
import { hasGo } from '../collector/build.mjs'
import { GOOD } from '../good-config.ts'
import { Cluster } from '../kubernetes/cluster.ts'
import { type TestHost, testHost } from '../real-host.ts'

const OLD = GOOD
const NEW = GOOD.replace('limit_mib: 512', 'limit_mib: 400')
const STUCK = GOOD.replace('limit_mib: 512', 'limit_mib: 300')
const CRASHING = GOOD.replace('limit_mib: 512', 'limit_mib: 200')
const BAD = GOOD.replace('exporters: [failover]', 'exporters: [failovr]')

describe.skipIf(!process.env.CI && !(await hasGo()))(
  'deploy to a real control plane with simulated nodes (needs Go to build it)',
  () => {
    let cluster: Cluster
    let folder: string
    let count = 0
    let name = ''
    const path = process.env.PATH
    const cwd = process.cwd()

    /** What every pod answers, old or new. */
    const answers = { health: 200, level: 0 }
    const server = createServer((request, response) => {
      if (request.url === '/metrics')
        response.end(`otelcol_connector_failover_active_level{connector="failover"} ${answers.level}\n`)
      else response.writeHead(answers.health).end()
    })

    beforeAll(async () => {
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const unready = {
        never: { [CONFIG_HASH]: [await hashOf(STUCK)] },
        crash: { [CONFIG_HASH]: [await hashOf(CRASHING)] },
        crashAfterMs: 1500,
      }
      cluster = await Cluster.start({ controllers: true, nodes: 2, unready, forwards: { 13133: port, 8888: port } })
      folder = await mkdtemp(join(tmpdir(), 'failoverctl-deploy-'))
      process.env.PATH = cluster.path
      // What is left under way is kept in the current folder.
      process.chdir(folder)
    }, 900_000)
    afterAll(async () => {
      process.env.PATH = path
      process.chdir(cwd)
      await cluster?.stop()
      server.close()
      await rm(folder, { recursive: true, force: true })
    })

    /** A workload with two pods that runs `config`, under a name of its own. */
    const running = async (kind: string, config = OLD) => {
      const called = `gateway-${++count}`
      const map = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: called },
        data: { 'config.yaml': config, 'other.txt': 'stays' },
      }
      const workload = {
        apiVersion: 'apps/v1',
        kind,
        metadata: { name: called },
        spec: {
          selector: { matchLabels: { app: called } },
          ...(kind === 'DaemonSet' ? {} : { replicas: 2 }),
          template: {
            metadata: { labels: { app: called } },
            spec: {
              terminationGracePeriodSeconds: 0,
              containers: [
                {
                  name: 'collector',
                  image: 'otelcol:0.161.0',
                  args: ['--config=/etc/otel/config.yaml'],
                  volumeMounts: [{ name: 'config', mountPath: '/etc/otel' }],
                },
              ],
              volumes: [{ name: 'config', configMap: { name: called } }],
            },
          },
        },
      }
      // What `kubectl apply` remembers must stay as it is, too.
      for (const object of [map, workload]) await cluster.kubectl(['apply', '-f', '-'], JSON.stringify(object))
      await cluster.kubectl(['rollout', 'status', `${kind.toLowerCase()}/${called}`, '--timeout=60s'])
      name = called
      return called
    }

    const get = async <T>(...words: string[]): Promise<T> => JSON.parse(await cluster.kubectl(['get', ...words, '-o', 'json']))
    const objects = async (kind: string, of = name) => ({
      configMap: await get<ConfigMap>('configmap', of),
      workload: await get<Workload>(kind.toLowerCase(), of),
    })
    /** Byte by byte, but for what the server writes by itself. */
    const bytes = (found: { configMap: ConfigMap; workload: Workload }) => ({
      configMap: canonical(essence(found.configMap)),
      workload: canonical(essence(found.workload)),
    })
    const hashes = async (of = name) =>
      (await get<{ items: Pod[] }>('pods', '-l', `app=${of}`)).items
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .map(({ metadata }) => metadata.annotations?.[CONFIG_HASH])
    const record = async () =>
      JSON.parse((await get<ConfigMap>('configmap', `failoverctl-statefulset-${name}`)).data?.['record.json'] ?? '')

    const run = async (argv: readonly string[], { token = 'admin', host = testHost({ USER: 'tester' }) } = {}) => {
      const exit = await main([...argv, '--kubeconfig', await cluster.kubeconfig(token)], host)
      return { exit, ...host.printed }
    }
    const deployProbed = async (
      config: string,
      kind: string,
      more: readonly string[] = [],
      { of = name, ...options }: { of?: string; token?: string; host?: TestHost } = {},
    ) => {
      const file = join(folder, `${of}.yaml`)
      await writeFile(file, config)
      return run(['deploy', file, '--to', `${kind.toLowerCase()}/${of}`, '--hold', '0s', '--timeout', '20s', ...more], options)
    }
    const deploy = (config: string, kind: string, more: readonly string[] = [], options = {}) =>
      deployProbed(config, kind, ['--no-probes', ...more], options)

    // What they wait for costs nothing: they wait together.
    test.concurrent.each(['StatefulSet', 'DaemonSet', 'Deployment'])(
      'a %s is rolled back, byte by byte, from a config whose pods never get ready; runs a good one; and the old one after `rollback`',
      async kind => {
        const of = await running(kind)
        const [oldHash, newHash] = [await hashOf(OLD), await hashOf(NEW)]
        const before = bytes(await objects(kind, of))
        const stuck = await deploy(STUCK, kind, ['--timeout', '8s'], { of })
        expect(stuck.out).toContain('not ready after 8s')
        expect([stuck.exit, stuck.out]).toEqual([1, expect.stringContaining('rolled back')])
        expect(bytes(await objects(kind, of))).toEqual(before)
        expect(await hashes(of)).toEqual([undefined, undefined])

        const done = await deploy(NEW, kind, [], { of })
        expect([done.exit, done.out, done.err]).toEqual([
          0,
          expect.stringContaining(`deployed to ${kind.toLowerCase()}/${of} in`),
          expect.any(String),
        ])
        expect((await objects(kind, of)).configMap.data).toEqual({ 'config.yaml': NEW, 'other.txt': 'stays' })
        expect(await hashes(of)).toEqual([newHash, newHash])
        const again = await deploy(NEW, kind, [], { of })
        expect([again.exit, again.out]).toEqual([0, expect.stringContaining('unchanged')])

        const to = ['--to', `${kind.toLowerCase()}/${of}`, '--no-probes', '--hold', '0s', '--timeout', '20s']
        const back = await run(['rollback', ...to])
        expect([back.exit, back.out]).toEqual([0, expect.stringContaining('deployed')])
        expect((await objects(kind, of)).configMap.data?.['config.yaml']).toBe(OLD)
        expect(await hashes(of)).toEqual([oldHash, oldHash])
      },
      180_000,
    )

    // Whatever happens to it, it runs OLD afterwards: one workload is enough.
    describe('a StatefulSet that stays as it is', () => {
      beforeAll(() => running('StatefulSet'), 120_000)

      test('a bad config is refused before anything is asked for', async () => {
        const before = await objects('StatefulSet')
        const done = await deploy(BAD, 'StatefulSet')
        expect([done.exit, done.err]).toEqual([1, expect.stringContaining('nothing was changed')])
        expect(await objects('StatefulSet')).toEqual(before)
      }, 120_000)

      test('--dry-run shows the difference, without secrets, and changes nothing', async () => {
        const before = await objects('StatefulSet')
        const done = await deploy(NEW.replace('"a:4317"', '"a:4317", headers: { authorization: hunter2 }'), 'StatefulSet', [
          '--dry-run',
        ])
        expect(done.out).toContain('would deploy')
        expect(done.out).toMatch(/^-.*limit_mib: 512/m)
        expect(done.out).toMatch(/^\+.*limit_mib: 400/m)
        expect(done.out + done.err).not.toContain('hunter2')
        expect(done.exit).toBe(0)
        expect(await objects('StatefulSet')).toEqual(before)
      }, 120_000)

      test('a config that fails only while it runs is rolled back', async () => {
        const before = bytes(await objects('StatefulSet'))
        const done = await deploy(CRASHING, 'StatefulSet', ['--hold', '6s'])
        expect(done.out).toContain('CrashLoopBackOff')
        expect(done.exit).toBe(1)
        expect(bytes(await objects('StatefulSet'))).toEqual(before)
        expect(await hashes()).toEqual([undefined, undefined])
      }, 120_000)

      test('missing rights are named before the first change', async () => {
        const before = await objects('StatefulSet')
        await cluster.allow('telemetry', [
          { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'create'] },
          { apiGroups: ['apps'], resources: ['statefulsets'], verbs: ['get', 'update'] },
          { apiGroups: [''], resources: ['pods'], verbs: ['list', 'delete'] },
        ])
        const done = await deploy(NEW, 'StatefulSet', [], { token: 'limited' })
        expect([done.exit, done.err]).toEqual([4, expect.stringContaining(`update configmaps ${name}; nothing was changed`)])
        expect(await objects('StatefulSet')).toEqual(before)
      }, 120_000)

      test('a role for these objects alone is enough', async () => {
        const { resources, verbs } = { resources: ['configmaps'], verbs: ['get', 'update'] }
        const record = `failoverctl-statefulset-${name}`
        await cluster.allow('telemetry', [
          { apiGroups: [''], resources, verbs, resourceNames: [name, record] },
          { apiGroups: [''], resources, verbs: ['create'] },
          { apiGroups: ['apps'], resources: ['statefulsets'], verbs, resourceNames: [name] },
          { apiGroups: [''], resources: ['pods'], verbs: ['list', 'delete'] },
        ])
        const done = await deploy(NEW, 'StatefulSet', ['--dry-run'], { token: 'limited' })
        expect([done.exit, done.out]).toEqual([0, expect.stringContaining('would deploy')])
        await cluster.allow('telemetry', [{ apiGroups: ['apps'], resources: ['statefulsets'], verbs, resourceNames: [name] }])
        const refused = await deploy(NEW, 'StatefulSet', ['--dry-run'], { token: 'limited' })
        expect([refused.exit, refused.err]).toEqual([4, expect.stringContaining(`update configmaps ${name}, create configmaps`)])
      }, 120_000)

      test('a config that is too large for its config map is refused before anything', async () => {
        const before = await objects('StatefulSet')
        const done = await deploy(`${NEW}#${'x'.repeat(1024 * 1024)}\n`, 'StatefulSet')
        expect([done.exit, done.err]).toEqual([3, expect.stringContaining('1048576 is the most')])
        expect(await objects('StatefulSet')).toEqual(before)
      }, 120_000)
      test('Ctrl-C in the middle rolls back', async () => {
        const before = bytes(await objects('StatefulSet'))
        const host = testHost({ USER: 'tester' })
        const running_ = deploy(STUCK, 'StatefulSet', [], { host })
        await expect.poll(() => host.printed.err, { timeout: 20_000 }).toContain('1 of 2 ready')
        host.interrupt()
        const done = await running_
        expect([done.exit, done.out]).toEqual([130, expect.stringContaining('rolled back')])
        expect(bytes(await objects('StatefulSet'))).toEqual(before)
        expect((await record()).attempt).toBeUndefined()
      }, 120_000)

      test('killed in the middle, it leaves a lock and a backup, and `deploy recover` ends it', async () => {
        const before = bytes(await objects('StatefulSet'))
        const file = join(folder, 'killed.yaml')
        await writeFile(file, STUCK)
        const kubeconfig = await cluster.kubeconfig('admin')
        const to = ['--to', `statefulset/${name}`, '--no-probes', '--kubeconfig', kubeconfig]
        const child = spawn(process.execPath, [join(cwd, 'bin/failoverctl.js'), 'deploy', file, ...to], {
          cwd: folder,
          stdio: ['ignore', 'ignore', 'pipe'],
        })
        let said = ''
        child.stderr.setEncoding('utf8').on('data', part => {
          said += part
        })
        await expect.poll(() => said, { timeout: 20_000 }).toContain('1 of 2 ready')
        const ended = once(child, 'exit')
        child.kill('SIGKILL')
        await ended
        expect(bytes(await objects('StatefulSet'))).not.toEqual(before)
        expect((await record()).attempt.backup.config).toBe(OLD)

        const blocked = await deploy(NEW, 'StatefulSet')
        expect([blocked.exit, blocked.err]).toEqual([4, expect.stringContaining('deploy recover')])
        // From this folder the target is known; from another one it is named.
        const done = await run(['deploy', 'recover', '--no-probes', '--hold', '0s', '--timeout', '20s'])
        expect([done.exit, done.out]).toEqual([0, expect.stringContaining('the old state runs')])
        expect(bytes(await objects('StatefulSet'))).toEqual(before)
        expect(await hashes()).toEqual([undefined, undefined])
        expect((await record()).attempt).toBeUndefined()
      }, 120_000)

      test('--canary: one pod that does not get ready ends it, the others never had the new template', async () => {
        const before = bytes(await objects('StatefulSet'))
        const first = (await get<Pod>('pod', `${name}-0`)).metadata.uid
        const done = await deploy(STUCK, 'StatefulSet', ['--canary', '--timeout', '4s'])
        expect([done.exit, done.err]).toEqual([1, expect.stringContaining(`restart ${name}-1 alone`)])
        expect(bytes(await objects('StatefulSet'))).toEqual(before)
        expect((await get<Pod>('pod', `${name}-0`)).metadata.uid).toBe(first)

        const good = await deploy(NEW, 'StatefulSet', ['--canary'])
        expect([good.exit, good.out]).toEqual([0, expect.stringContaining('deployed')])
        expect(await hashes()).toEqual([await hashOf(NEW), await hashOf(NEW)])
        expect((await objects('StatefulSet')).workload.spec.updateStrategy).toEqual(
          JSON.parse(before.workload).spec.updateStrategy,
        )
      }, 120_000)
    })

    describe('asked through forwarded ports', () => {
      const asked = (text: string) =>
        text.replace('service:', 'extensions: { health_check: }\nservice:\n  extensions: [health_check]')
      beforeAll(() => running('StatefulSet', asked(OLD)), 120_000)

      test.each([
        ['health', 503, 'health_check answers 503'],
        ['level', 1, 'failover: on level 1, before the change on level 0'],
      ] as const)(
        '%s %d is rolled back',
        async (what, value, why) => {
          const before = bytes(await objects('StatefulSet'))
          const host = testHost()
          const deploying = deployProbed(asked(NEW), 'StatefulSet', ['--hold', '3s'], { host })
          await expect.poll(() => host.printed.err, { timeout: 20_000 }).toContain('wait: all pods')
          answers[what] = value
          await expect.poll(() => host.printed.err, { timeout: 40_000 }).toContain('rolling back')
          Object.assign(answers, { health: 200, level: 0 })
          const done = await deploying
          expect([done.exit, done.out]).toEqual([1, expect.stringContaining(why)])
          expect(bytes(await objects('StatefulSet'))).toEqual(before)
          expect(await hashes()).toEqual([undefined, undefined])
        },
        120_000,
      )

      test('those that are well are left so, and their level is told', async () => {
        const done = await deployProbed(asked(NEW), 'StatefulSet', ['--hold', '1s'])
        expect([done.exit, done.out]).toEqual([0, expect.stringContaining('failover on level 0')])
      }, 120_000)
    })

    describe('somebody else', () => {
      beforeEach(() => running('StatefulSet'), 90_000)

      test('changes the config map while it runs: his change stays and is shown', async () => {
        const host = testHost({ USER: 'tester' })
        const running_ = deploy(STUCK, 'StatefulSet', ['--timeout', '6s'], { host })
        await expect.poll(() => host.printed.err, { timeout: 20_000 }).toContain('1 of 2 ready')
        const theirs = OLD.replace('limit_mib: 512', 'limit_mib: 999')
        await cluster.kubectl([
          'patch',
          'configmap',
          name,
          '--type=merge',
          '-p',
          JSON.stringify({ data: { 'config.yaml': theirs } }),
        ])
        const done = await running_
        expect(done.exit).toBe(5)
        expect(done.out).toContain(`somebody else changed config map ${name}`)
        expect(done.out).toMatch(/^\+.*limit_mib: 999/m)
        expect((await objects('StatefulSet')).configMap.data?.['config.yaml']).toBe(theirs)
      }, 120_000)

      test('changes the workload while it runs: his change stays, and our config does not', async () => {
        const host = testHost({ USER: 'tester' })
        const running_ = deploy(STUCK, 'StatefulSet', ['--timeout', '20s'], { host })
        await expect.poll(() => host.printed.err, { timeout: 20_000 }).toContain('1 of 2 ready')
        await cluster.kubectl(['set', 'image', `statefulset/${name}`, 'collector=otelcol:0.162.0'])
        const theirs = (await objects('StatefulSet')).workload.spec
        host.interrupt()
        const done = await running_
        expect(done.exit).toBe(5)
        expect(done.out).toContain(`somebody else changed statefulset/${name} in the meantime; it was left as it is`)
        expect(done.out).toContain(`config map ${name} holds the config of before again`)
        expect(done.out).toMatch(new RegExp(`may run the new one: .*${name}-1`))
        expect(done.out).toContain(`kubectl rollout restart statefulset/${name} -n telemetry`)
        const now = await objects('StatefulSet')
        expect([now.configMap.data?.['config.yaml'], now.workload.spec]).toEqual([OLD, theirs])
        expect((await record()).attempt).toBeUndefined()
      }, 120_000)

      test('changes it between the write and the restart: no pod has our config, and nothing restarts', async () => {
        const host = testHost({ USER: 'tester' })
        const { run: asBefore } = host.tools
        let changed = false
        // Just before the restart reads the workload.
        const tools = {
          ...host.tools,
          run: async (...call: Parameters<typeof asBefore>) => {
            if (!changed && host.printed.err.includes('\nrestart ') && call[0].includes('statefulset')) {
              changed = true
              await cluster.kubectl(['label', 'statefulset', name, 'seen=yes'])
              await cluster.kubectl(['patch', 'statefulset', name, '--type=merge', '-p', '{"spec":{"minReadySeconds":1}}'])
            }
            return asBefore(...call)
          },
        }
        const done = await deploy(NEW, 'StatefulSet', [], { host: { ...host, tools } })
        expect(changed).toBe(true)
        expect([done.exit, done.out]).toEqual([5, expect.stringContaining('holds the config of before again\n')])
        expect(done.out.match(/somebody else changed/g)).toHaveLength(1)
        const { configMap, workload } = await objects('StatefulSet')
        expect(configMap.data?.['config.yaml']).toBe(OLD)
        expect(workload.spec).toMatchObject({ minReadySeconds: 1 })
        expect(await hashes()).toEqual([undefined, undefined])
      }, 120_000)

      test('is in the middle of a rollout: refused', async () => {
        const patch = { spec: { template: { metadata: { annotations: { 'failoverctl.test/ready': 'never' } } } } }
        await cluster.kubectl(['patch', 'statefulset', name, '--type=merge', '-p', JSON.stringify(patch)])
        const done = await deploy(NEW, 'StatefulSet')
        expect([done.exit, done.err]).toEqual([4, expect.stringContaining('a rollout is running')])
        expect((await objects('StatefulSet')).configMap.data?.['config.yaml']).toBe(OLD)
      }, 120_000)
    })
  },
)
