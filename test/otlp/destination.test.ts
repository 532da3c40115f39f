import { describe, expect, test } from 'vitest'
import { type DestinationFlags, destinationOf, redactUrl } from '../../src/otlp/destination.ts'

const of = (flags: Partial<DestinationFlags>, env: Record<string, string> = {}) =>
  destinationOf('traces', { headers: [], ...flags }, env)

describe('where spans go', () => {
  const cases: [what: string, flags: Partial<DestinationFlags>, env: Record<string, string>, url: string][] = [
    ['by default', {}, {}, 'http://localhost:4318/v1/traces'],
    ['a flag gets the path', { endpoint: 'http://a:1' }, {}, 'http://a:1/v1/traces'],
    ['a slash at the end is one slash', { endpoint: 'http://a:1/otlp/' }, {}, 'http://a:1/otlp/v1/traces'],
    ['a flag that has the path keeps it', { endpoint: 'http://a:1/v1/traces' }, {}, 'http://a:1/v1/traces'],
    ['the general variable gets the path', {}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://b' }, 'https://b/v1/traces'],
    [
      'the variable of the signal is used as it is',
      {},
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://b', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://c/x' },
      'https://c/x',
    ],
    [
      'a flag beats both',
      { endpoint: 'http://a:1' },
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://c/x' },
      'http://a:1/v1/traces',
    ],
    ['an empty variable is none', {}, { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, 'http://localhost:4318/v1/traces'],
  ]
  test.each(cases)('%s', (_, flags, env, url) => expect(of(flags, env).url).toBe(url))
})

test('headers: the variables first, then flags; names in lower case, values percent-decoded', () => {
  const { headers } = of({ headers: ['X-Token=flag=1'] }, { OTEL_EXPORTER_OTLP_HEADERS: 'x-token=env, other=a%20b' })
  expect(headers).toEqual({ 'x-token': 'flag=1', other: 'a b' })
})

test('the timeout: flag, variable, 10 s', () => {
  expect(of({}).timeoutMs).toBe(10_000)
  expect(of({}, { OTEL_EXPORTER_OTLP_TIMEOUT: '300' }).timeoutMs).toBe(300)
  expect(of({ timeoutMs: 5 }, { OTEL_EXPORTER_OTLP_TIMEOUT: '300' }).timeoutMs).toBe(5)
})

describe('wrong use is said without showing secrets', () => {
  test.each([
    ['no scheme', { endpoint: 'localhost:4318' }, 'Write it as http://localhost:4318.'],
    ['another scheme', { endpoint: 'ftp://user:secret@a' }, 'Write it as http://localhost:4318.'],
  ])('%s', (_, flags, hint) => {
    expect(() => of(flags)).toThrow(expect.objectContaining({ code: 'wrong-use', hint }))
    expect(() => of(flags)).not.toThrow(/secret/)
  })
  test('a header without a name', () => {
    expect(() => of({ headers: ['secret-without-equals'] })).toThrow(
      expect.objectContaining({ message: '--header expects name=value' }),
    )
  })
  test('addresses are shown without passwords and queries', () => {
    expect(redactUrl('http://u:p@h/x?token=1')).toBe('http://…@h/x?…')
  })
})
