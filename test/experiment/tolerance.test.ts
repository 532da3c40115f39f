import { describe, expect, test } from 'vitest'
import { NoTolerance, parseAmount, parseTolerance, tolerates, unitOf } from '../../src/experiment/tolerance.ts'

describe('what a tolerance holds and what it does not', () => {
  test.each<[given: unknown, unit: string, holds: readonly unknown[], fails: readonly unknown[]]>([
    [0, 'plain', [0, '0'], [1, '', 'none', undefined]],
    ['0 lost', 'plain', [0], [1]],
    ['<= 80%', 'share', [0, 0.8], [0.81]],
    ['< 5s', 'seconds', [0, 4.999], [5]],
    ['>= 1m30s', 'seconds', [90], [89.9]],
    ['< 512 MiB', 'bytes', [2 ** 29 - 1], [2 ** 29]],
    ['!= 3', 'plain', [2], [3]],
    ['> -1', 'plain', [0], [-1]],
    [[200, 299], 'plain', [200, 299], [199, 300]],
    [['10%', '20%'], 'share', [0.1, 0.2], [0.3]],
    [[200, 404, 503], 'plain', [404], [405]],
    [['ok', 'fine'], 'text', ['ok', ' fine\n'], ['bad']],
    ['ready', 'text', ['ready\n'], ['not ready']],
    [true, 'text', [true, 'true'], [false]],
    [{ regex: '^ok' }, 'text', ['ok!'], ['not ok']],
    [{ range: [1, 2] }, 'plain', [1, 2], [3]],
    [{ jsonpath: '$.status' }, 'text', ['{"status":1}'], ['{}', 'no json']],
    [{ jsonpath: '$.a[*].b', tolerance: '>= 2' }, 'text', ['{"a":[{"b":2},{"b":3}]}'], ['{"a":[{"b":2},{"b":1}]}', '{"a":[]}']],
  ])('%j', (given, unit, holds, fails) => {
    const tolerance = parseTolerance(given)
    expect(unitOf(tolerance)).toBe(unit)
    expect(holds.filter(found => !tolerates(tolerance, found))).toEqual([])
    expect(fails.filter(found => tolerates(tolerance, found))).toEqual([])
  })
})

describe('what is no tolerance says what was expected', () => {
  test.each<[given: unknown, message: string]>([
    ['< soon', 'a number after the comparison'],
    ['<', 'a number after the comparison'],
    ['= 3', 'expected `==`'],
    [['5s', 10], 'same unit'],
    [[10, 5], 'from the lower to the higher end'],
    [[], 'a list of values'],
    [[{}], 'a list of values'],
    [{ regex: '(' }, 'a regular expression'],
    [{ jsonpath: '$.a[' }, 'a JSONPath'],
    [{ jsonpath: '$.a', tolerance: '< x' }, 'a number after the comparison'],
    [{ regexp: 'x' }, 'expected `regex`, `jsonpath` or `range`'],
    [null, 'expected a value'],
  ])('%j', (given, message) => {
    expect(() => parseTolerance(given)).toThrow(NoTolerance)
    expect(() => parseTolerance(given)).toThrow(message)
  })
})

test.each([
  ['3', 3, 'plain'],
  ['-2', -2, 'plain'],
  ['80%', 0.8, 'share'],
  ['250ms', 0.25, 'seconds'],
  ['1 KiB', 1024, 'bytes'],
  ['12 spans', 12, 'plain'],
])('%s is an amount', (text, value, unit) => expect(parseAmount(text)).toEqual({ value, unit }))

test.each(['', 'x', '5 apples', '5x', '%'])('%j is none', text => expect(parseAmount(text)).toBeUndefined())
