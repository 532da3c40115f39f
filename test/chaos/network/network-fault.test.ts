import { expect, test } from 'vitest'
import { networkAbilities } from '../../../src/chaos/network/abilities.ts'
import { cannotDo, type NetworkSettings, prepareNetworkFault } from '../../../src/chaos/network/network-fault.ts'
import { HOST } from '../../../src/chaos/network/place.ts'
import { fakeHost } from '../../fake-host.ts'
import type { Said } from '../../fake-tools.ts'

const NO_RULE = { code: 1, err: 'iptables: Bad rule (does a matching rule exist in that chain?).\n' }
const NO_RIGHTS = {
  code: 4,
  err: 'iptables v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)\n',
}
const NO_NETEM = { code: 1, err: 'Error: Specified qdisc kind is unknown.\nCommand failed -:1\n' }
const FAULT = { kind: 'partition', on: 'primary' } as const
const AT: NetworkSettings = { place: HOST, side: 'remote', to: { host: '127.0.0.1', port: 4327 }, mark: 'failoverctl:ab' }

/** A machine that has these tools, which say so. */
function machine(says: Readonly<Record<string, (line: string) => Said>>) {
  const host = fakeHost()
  for (const [tool, say] of Object.entries(says)) host.tools.script(tool, words => say(words.join(' ')))
  return host
}

test('a partition drops both directions to an address and port, before all other rules, under a mark; its undo removes these alone', async () => {
  const host = machine({ iptables: () => '' })
  const prepared = await prepareNetworkFault('partition', FAULT, AT, host)
  expect(host.tools.calls).toEqual([])
  await prepared.inject()
  const rules = [
    'OUTPUT -p tcp -d 127.0.0.1 --dport 4327 -m comment --comment failoverctl:ab -j DROP',
    'INPUT -p tcp -s 127.0.0.1 --sport 4327 -m comment --comment failoverctl:ab -j DROP',
  ]
  expect(host.tools.calls).toEqual(rules.map(rule => `iptables -w 5 -I ${rule}`))
  expect(prepared.inverse).toMatchObject({ do: 'run', commands: rules.map(rule => `iptables -w 5 -D ${rule}`.split(' ')) })
})

test.each<[what: string, settings: Partial<NetworkSettings>, first: string]>([
  ['an IPv6 address', { to: { host: '::1', port: 1 } }, 'ip6tables -w 5 -I OUTPUT -p tcp -d ::1 --dport 1 '],
  [
    'a named namespace',
    { place: { in: 'namespace', name: 'blue' } },
    'ip netns exec blue iptables -w 5 -I OUTPUT -p tcp -d 127.0.0.1 ',
  ],
  [
    "a container's network",
    { place: { in: 'process', pid: 42 } },
    'nsenter -t 42 -n -- iptables -w 5 -I OUTPUT -p tcp -d 127.0.0.1 ',
  ],
  ['the side of the port', { side: 'local' }, 'iptables -w 5 -I INPUT -p tcp --dport 4327 -m comment '],
])('a partition in %s', async (_, settings, first) => {
  const quiet = () => ''
  const host = machine({ iptables: quiet, ip6tables: quiet, ip: quiet, nsenter: quiet })
  await (await prepareNetworkFault('partition', FAULT, { ...AT, ...settings }, host)).inject()
  expect(host.tools.calls[0]).toContain(first)
})

test('a name is every address that the place knows for it, of both families', async () => {
  const host = machine({
    getent: () => '10.0.0.7       STREAM backend\n10.0.0.7       DGRAM\nfd00::7        STREAM\n',
    iptables: () => '',
    ip6tables: () => '',
  })
  await (await prepareNetworkFault('partition', FAULT, { ...AT, to: { host: 'backend', port: 1 } }, host)).inject()
  expect(host.tools.calls.map(call => call.split(' -m ')[0])).toEqual([
    'getent ahosts backend',
    'iptables -w 5 -I OUTPUT -p tcp -d 10.0.0.7 --dport 1',
    'iptables -w 5 -I INPUT -p tcp -s 10.0.0.7 --sport 1',
    'ip6tables -w 5 -I OUTPUT -p tcp -d fd00::7 --dport 1',
    'ip6tables -w 5 -I INPUT -p tcp -s fd00::7 --sport 1',
  ])
})

test('a name that nobody knows is said, and nothing is cut off', async () => {
  const host = machine({ getent: () => ({ code: 2 }) })
  const settings = { ...AT, to: { host: 'nowhere.example', port: 1 } }
  await expect(prepareNetworkFault('partition', FAULT, settings, host)).rejects.toMatchObject({
    code: 'no-answer',
    message: expect.stringMatching(/^nowhere\.example has no address/),
  })
})

test.each([
  ['latency', { latencyMs: 200 }, 'netem limit 100000 delay 200ms'],
  ['loss', { share: 0.125 }, 'netem limit 100000 loss 12.5%'],
] as const)('%s meets the port alone, in a band of its own; the undo names what is ours', async (deed, values, netem) => {
  const host = machine({
    ip: () => '[{"dst":"127.0.0.1","dev":"lo"}]',
    tc: line => (line.includes('show') ? '[{"kind":"noqueue","handle":"0:","root":true}]' : ''),
  })
  const prepared = await prepareNetworkFault(deed, { ...FAULT, ...values }, AT, host)
  host.tools.calls.splice(0)
  await prepared.inject()
  expect(host.tools.calls).toEqual([
    'tc qdisc add dev lo root handle fa11: prio bands 4 priomap 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1',
    `tc qdisc add dev lo parent fa11:4 handle fa12: ${netem}`,
    'tc filter add dev lo parent fa11: protocol ip prio 1 u32 match ip dst 127.0.0.1/32 match ip dport 4327 0xffff flowid fa11:4',
  ])
  host.tools.calls.splice(0)
  await prepared.undo()
  expect(host.tools.calls).toEqual(['tc qdisc del dev lo root handle fa11:'])
})

test("somebody else's traffic control stays: refused before anything is changed", async () => {
  const host = machine({
    ip: () => '[{"dst":"10.0.0.7","dev":"eth0"}]',
    tc: () => '[{"kind":"htb","handle":"1:","root":true}]',
  })
  await expect(prepareNetworkFault('latency', { ...FAULT, latencyMs: 1 }, AT, host)).rejects.toMatchObject({
    code: 'conflict',
    message: 'eth0 in the network of this machine has a traffic control already: htb 1:',
  })
  expect(host.tools.calls.filter(call => call.includes(' add '))).toEqual([])
})

test('an undo of what is not there, or where the place is gone, is done; one that fails says by hand how', async () => {
  const said = { text: NO_RULE as Said }
  const host = machine({ iptables: () => said.text })
  const { undo } = await prepareNetworkFault('partition', FAULT, AT, host)
  await undo()
  said.text = { code: 1, err: 'Cannot open network namespace "blue": No such file or directory' }
  await undo()
  said.text = NO_RIGHTS
  await expect(undo()).rejects.toMatchObject({
    code: 'tool-failed',
    hint: expect.stringContaining('By hand: iptables -w 5 -D OUTPUT'),
  })
})

test('tools whose words are read are asked to speak English, whatever the person speaks', async () => {
  const host = fakeHost({ env: { LC_ALL: 'de_DE.UTF-8' } })
  const spoken: (string | undefined)[] = []
  host.tools.script('iptables', (_, { env }) => {
    spoken.push(env?.LC_ALL)
    return ''
  })
  const { inject, undo } = await prepareNetworkFault('partition', FAULT, AT, host)
  await inject()
  await undo()
  expect(spoken).toEqual(['C', 'C', 'C', 'C'])
})

test('a fault that fails halfway says why, and its undo takes back the first half', async () => {
  const host = machine({ iptables: line => (line.includes('-I INPUT') ? NO_RIGHTS : '') })
  const prepared = await prepareNetworkFault('partition', FAULT, AT, host)
  await expect(prepared.inject()).rejects.toMatchObject({
    code: 'no-access',
    message: expect.stringMatching(/iptables may not change the network of this machine/),
  })
  await prepared.undo()
  expect(host.tools.calls.at(-2)).toContain('-D OUTPUT')
})

test.each<[what: string, iptables: Said, unshare: Said, cannot: Record<string, RegExp>]>([
  ['all is there', NO_RULE, '', {}],
  [
    'no rights',
    NO_RIGHTS,
    { code: 1, err: 'unshare: unshare failed: Operation not permitted' },
    {
      partition: /^iptables may not change .*it needs root/,
      latency: /^tc may not change .*it needs root/,
      loss: /needs root/,
    },
  ],
  ['no sch_netem', NO_RULE, NO_NETEM, { latency: /has no sch_netem/, loss: /has no sch_netem/ }],
  [
    'no xt_comment',
    { code: 2, err: "iptables v1.8.9: Couldn't load match `comment':No such file" },
    '',
    { partition: /no xt_comment/ },
  ],
])('what can be done is told before, by a rehearsal that changes nothing: %s', async (_, iptables, unshare, cannot) => {
  const host = machine({ iptables: () => iptables, ip6tables: () => iptables, unshare: () => unshare })
  const told = cannotDo(await networkAbilities(HOST, host))
  expect(Object.keys(told)).toEqual(Object.keys(cannot))
  for (const [deed, why] of Object.entries(cannot)) expect(told[deed as keyof typeof told]).toMatch(why)
  expect(host.tools.calls.filter(call => / -[AID] /.test(call))).toEqual([])
})

test('tools that are not installed are a reason, too; a namespace that there is not is an error', async () => {
  expect(cannotDo(await networkAbilities(HOST, machine({})))).toMatchObject({
    partition: 'iptables is not installed, or not in PATH',
  })
  const host = machine({
    ip: () => ({ code: 255, err: 'Cannot open network namespace "blue": No such file or directory' }),
    unshare: () => '',
  })
  await expect(networkAbilities({ in: 'namespace', name: 'blue' }, host)).rejects.toMatchObject({
    code: 'no-such-object',
    message: 'there is not the network namespace blue',
  })
})
