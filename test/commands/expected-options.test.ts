import { Command } from 'commander'
import { expect, test } from 'vitest'
import { expectedOf, outageOption, rateOption, upgradeOption } from '../../src/commands/expected-options.ts'

const parse = (...argv: string[]) =>
  new Command()
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .addOption(outageOption())
    .addOption(rateOption())
    .addOption(upgradeOption())
    .parse(argv, { from: 'user' })
    .opts()

test.each([
  [['--outage', '4h'], { outageMs: 14_400_000 }],
  [['--rate', '5MB/s'], { bytesPerSecond: 5 * 1024 ** 2 }],
  [['--rate', '200/s'], { requestsPerSecond: 200 }],
  [['--rate', '200/s', '--rate', '1.5 kB/s'], { requestsPerSecond: 200, bytesPerSecond: 1536 }],
  [['--rate', '200/s,5b/s', '--outage', '1s'], { requestsPerSecond: 200, bytesPerSecond: 5, outageMs: 1000 }],
])('%j', (argv, expected) => {
  expect(expectedOf(parse(...argv))).toEqual(expected)
})

test('two releases, the newest when the second is left out', () => {
  expect(parse('--upgrade', 'v0.125..0.163.1').upgrade).toMatchObject({ from: { minor: 125 }, to: { minor: 163, patch: 1 } })
  expect(parse('--upgrade', '0.125..').upgrade).toMatchObject({ from: { minor: 125 }, to: { minor: 163 } })
})

test.each([
  ['--rate', '5'],
  ['--rate', '0/s'],
  ['--rate', '5MB'],
  ['--upgrade', '0.125'],
  ['--upgrade', '0.130..0.125'],
  ['--outage', '5'],
])('%s %s is wrong use', (...argv) => {
  expect(() => parse(...argv)).toThrow(expect.objectContaining({ code: 'commander.invalidArgument' }))
})
