import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { fakeHost } from '../fake-host.ts'
import { GOOD } from '../good-config.ts'

const NEW = GOOD.replace('limit_mib: 512', 'limit_mib: 400')
/** An error to validate, though a collector runs with it. */
const SINGLE = NEW.replace('[[traces/primary], [traces/backup]]', '[[traces/primary, traces/backup]]')

describe('before anything is changed, a config', () => {
  const deploy = async (config: string, project = '') => {
    const host = fakeHost({ files: { 'new.yaml': config, 'failoverctl.yaml': project || '{}' } })
    const exit = await main(['deploy', 'new.yaml', '--to', 'file:running.yaml', '--pid', '7'], host)
    return { exit, out: host.out, err: host.err }
  }

  test('with errors is refused, and they are shown as validate shows them', async () => {
    const { exit, out, err } = await deploy(SINGLE)
    expect([exit, out]).toEqual([1, ''])
    expect(err).toMatch(/^error\[single-level\]: /)
    expect(err).toContain('--> new.yaml:7:')
    expect(err).toMatch(/new\.yaml: 1 error; nothing was changed\nMore about one: failoverctl explain single-level\n$/)
  })

  // It goes on to the collector, and there is none.
  test.each([
    [SINGLE, 'validate: { rules: { single-level: warning } }', /^warning\[single-level\]: /],
    [SINGLE, 'validate: { rules: { single-level: off } }', /^failoverctl: no process runs/],
    [NEW, '', /^failoverctl: no process runs/],
  ])('is judged as the project file says it for validate (%#)', async (config, project, err) => {
    expect(await deploy(config, project)).toMatchObject({ exit: 4, err: expect.stringMatching(err) })
  })
})

describe('the project file', () => {
  const run = async (argv: readonly string[], section: string) => {
    const host = fakeHost({
      files: { 'new.yaml': NEW, 'deep/p.yaml': `collector: http://127.0.0.1:8888/metrics\ndeploy: ${section}\n` },
    })
    const asked: string[] = []
    host.tools.script('kubectl', words => {
      asked.push(words.join(' '))
      return { code: 1, err: 'Unable to connect to the server: dial tcp: connection refused' }
    })
    return { exit: await main([...argv, '--project', 'deep/p.yaml'], host), err: host.err, asked }
  }

  test.each([[['deploy', 'new.yaml']], [['rollback']], [['history']]])('says for %j where the collectors are', async argv => {
    const done = await run(argv, '{ to: statefulset/gateway, namespace: obs, context: prod, kubeconfig: k.yaml}')
    expect(done.exit).toBe(4)
    expect(done.asked[0]).toMatch(/^--kubeconfig deep\/k\.yaml --context prod --namespace obs /)
  })

  test('a flag goes before it, and a file is meant from its folder', async () => {
    const section = '{ to: "file:config.yaml", pid-file: run/pid, hold: 3s }'
    expect((await run(['deploy', 'new.yaml'], section)).err).toContain('no process runs with the number of deep/run/pid')
    const other = await run(['deploy', 'new.yaml', '--to', 'statefulset/x', '-n', 'here'], section)
    expect(other.asked[0]).toMatch(/^--namespace here /)
  })

  test('a target that there is not is told with its place', async () => {
    const { exit, err } = await run(['history'], '{ to: job/x }')
    expect(exit).toBe(3)
    expect(err).toMatch(/deep\/p\.yaml:2:/)
  })
})

describe('a unit of systemd', () => {
  const deploy = async (answer: string | { code: number; err: string }, more: readonly string[] = []) => {
    const host = fakeHost({ files: { 'new.yaml': NEW } })
    host.disk.put('running.yaml', GOOD)
    const words: string[] = []
    host.tools.script('systemctl', argv => {
      words.push(argv.join(' '))
      return answer
    })
    const exit = await main(['deploy', 'new.yaml', '--to', 'file:running.yaml', '--unit', 'otelcol', ...more], host)
    return { exit, err: host.err, out: host.out, words }
  }

  test('that does not run', async () => {
    const { exit, err, words } = await deploy('0\n')
    expect([exit, err]).toEqual([4, expect.stringContaining('unit otelcol runs no process')])
    expect(words).toEqual(['show --property=MainPID --value -- otelcol'])
  })

  test('where there is no systemd', async () => {
    const { exit, err } = await deploy({ code: 1, err: 'System has not been booted with systemd as init system (PID 1).\n' })
    expect([exit, err]).toEqual([4, expect.stringContaining('systemctl cannot tell about otelcol: System has not been booted')])
  })
})
