import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FailoverctlError } from '../../../src/core/errors.ts'
import { parseFilter } from '../../../src/replay/filter/parse.ts'
import type { Item } from '../../../src/replay/transform/items.ts'

const attributes = (pairs: Record<string, unknown>) => ({
  attributes: Object.entries(pairs).map(([key, value]) => ({ key, value })),
})
const text = (stringValue: string) => ({ stringValue })

const resource = attributes({ 'service.name': text('checkout'), host: text('a') })
const scope = { name: 'http', version: '1.2', ...attributes({ library: text('otel') }) }
const span = {
  traceId: 'ab'.repeat(16),
  spanId: '01'.repeat(8),
  name: 'GET /cart',
  kind: 2,
  status: { code: 2, message: 'boom' },
  startTimeUnixNano: '1700000000000000000',
  endTimeUnixNano: '1700000000750000000',
  ...attributes({
    'http.route': text('/cart'),
    'http.status_code': { intValue: '503' },
    ratio: { doubleValue: 0.5 },
    retried: { boolValue: true },
    tags: { arrayValue: { values: [text('x'), text('y')] } },
    host: text('b'),
  }),
}
const log = { severityNumber: 14, severityText: 'warning', body: text('disk full'), ...attributes({ pid: { intValue: 7 } }) }

const SPAN: Item = { signal: 'traces', resource, scope, leaf: span, point: span }
const LOG: Item = { signal: 'logs', resource, scope, leaf: log, point: log }

describe.each([
  ['a span', SPAN],
  ['a log record', LOG],
])('the attributes around %s', (_, item) => {
  test.each([
    ['service.name == "checkout"', true],
    ["service.name == 'checkout'", true],
    ['service.name != "checkout"', false],
    ['service.name == "Checkout"', false],
    ['service.name =~ "^check"', true],
    ['service.name !~ "^check"', false],
    ['service.name in ["cart", "checkout"]', true],
    ['!(service.name in ["cart", "checkout"])', false],
    ['resource["service.name"] == "checkout"', true],
    ['attributes["service.name"] == "checkout"', false],
    ['scope.name == "http" && scope.version == "1.2"', true],
    ['scope["library"] == "otel"', true],
    ['library == "otel"', true],
    ['nothing', false],
    ['nothing == "x"', false],
    ['nothing != "x"', true],
    ['nothing !~ "x"', true],
    ['nothing < 5', false],
    ['!nothing', true],
    ['service.name', true],
    ['toString', false],
    ['constructor == "x" || __proto__', false],
  ])('%s', (filter, fits) => expect(parseFilter(filter)(item)).toBe(fits))
})

describe('a span', () => {
  test.each([
    ['signal == "traces"', true],
    ['name == "GET /cart"', true],
    ['kind == SERVER', true],
    ['kind == client', false],
    ['status == ERROR', true],
    ['status != OK', true],
    ['status in [UNSET, OK]', false],
    ['status == 2', true],
    ['status.message =~ "oo"', true],
    ['severity >= WARN', false],
    ['http.status_code >= 500 && http.status_code < 600', true],
    ['http.status_code == "503"', false],
    ['ratio <= 0.5 && ratio > 0.4', true],
    ['retried == true', true],
    ['retried == false', false],
    ['tags == "y"', true],
    ['host == "b"', true],
    ['resource["host"] == "a"', true],
    ['duration > 500ms', true],
    ['duration == 750ms', true],
    ['duration < 0.5s', false],
    ['trace_id =~ "^abab" && span_id', true],
    ['parent_span_id', false],
    // && binds tighter than ||, and ! tighter than both.
    ['signal == "traces" || nothing && nothing', true],
    ['(signal == "traces" || nothing) && nothing', false],
    ['!nothing && signal == "traces"', true],
    ['!(nothing || signal == "traces")', false],
  ])('%s', (filter, fits) => expect(parseFilter(filter)(SPAN)).toBe(fits))
})

describe('a log record', () => {
  test.each([
    ['severity >= WARN', true],
    ['severity > WARN', false],
    ['severity == WARN', true],
    ['severity == INFO', false],
    ['severity <= WARN', true],
    ['severity < WARN', false],
    ['severity in [ERROR, FATAL]', false],
    ['severity == 14', true],
    ['body =~ "full$"', true],
    ['pid == 7', true],
    ['status == UNSET', false],
    ['kind', false],
    ['service.name == "checkout" && severity >= WARN', true],
  ])('%s', (filter, fits) => expect(parseFilter(filter)(LOG)).toBe(fits))

  test('without a number is judged by its text', () => {
    const leaf = { severityText: 'Error' }
    expect(parseFilter('severity >= ERROR')({ ...LOG, leaf, point: leaf })).toBe(true)
  })
})

const problemOf = (filter: string): string => {
  try {
    parseFilter(filter)
  } catch (error) {
    if (error instanceof FailoverctlError) return error.message
    throw error
  }
  return 'none'
}

describe('a filter that cannot be read is shown with the place', () => {
  test.each([
    ['service.name = "x"', 'did you mean ==?', 13],
    ['service.name == ', 'expected a value', 16],
    ['service.name == checkout', 'expected a value: text stands in quotes', 16],
    ['service.name == "x', 'this text has no closing quote', 16],
    ['a == 1 & b == 2', 'did you mean &&?', 7],
    ['(a == 1', 'expected )', 7],
    ['a == 1)', 'expected &&, || or the end', 6],
    ['a == 1 b', 'expected &&, || or the end', 7],
    ['', 'expected a field, such as service.name', 0],
    ['"x" == a', 'expected a field, such as service.name', 0],
    ['a in "x"', 'expected [', 5],
    ['a in []', 'expected a value', 6],
    ['a < "x"', '< compares numbers', 4],
    ['a =~ "("', 'no pattern:', 5],
    ['a =~ 5', 'expected a pattern in quotes', 5],
    ['status == BROKEN', 'expected one of UNSET, OK, ERROR', 10],
    ['duration > "long"', 'expected a duration, such as 500ms', 11],
    ['resource[5] == 1', 'expected the name of an attribute in quotes', 9],
    ['a == 1 && %', '% means nothing here', 10],
  ])('%s', (filter, message, column) => {
    const [said, shown, caret] = problemOf(filter).split('\n')
    expect(said).toContain(message)
    expect(shown).toBe(`  ${filter}`)
    expect(caret?.indexOf('^')).toBe(column + 2)
  })

  test('and whatever is written, it is read or refused, never worse', () => {
    const pieces = fc.constantFrom(
      'a',
      '==',
      '!=',
      '"x"',
      '(',
      ')',
      '&&',
      '||',
      '!',
      'in',
      '[',
      ']',
      ',',
      '5',
      '5ms',
      'status',
      'ERROR',
      '=~',
      ' ',
      'ü',
      '\\',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), parts => {
        const filter = parts.join(' ')
        if (problemOf(filter) === 'none') expect(typeof parseFilter(filter)(SPAN)).toBe('boolean')
      }),
      { seed: 6, numRuns: 3000 },
    )
  })
})

test('! and != are opposites of what they negate, for every comparison', () => {
  const comparison = fc.constantFrom(
    'host == "b"',
    'host =~ "b"',
    'nothing == 1',
    'http.status_code > 500',
    'tags in ["x"]',
    'retried',
  )
  fc.assert(
    fc.property(comparison, comparison, (one, other) => {
      const fits = (filter: string) => parseFilter(filter)(SPAN)
      expect(fits(`!(${one})`)).toBe(!fits(one))
      expect(fits(`!(${one} && ${other})`)).toBe(fits(`!(${one}) || !(${other})`))
      expect(fits(one.replace('==', '!='))).toBe(one.includes('==') ? !fits(one) : fits(one))
    }),
    { seed: 6 },
  )
})
