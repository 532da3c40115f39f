import { expect, test } from 'vitest'
import { forwarded, passedOn } from '../../src/proxy/headers.ts'
import { type ForwardedNames, trustOf } from '../../src/proxy/trust.ts'

const asker = { peer: '10.0.0.7', secure: true }
const to = (
  headers: Record<string, string>,
  { names = 'x-forwarded' as ForwardedNames, trust = [] as string[], peer = asker.peer } = {},
) => {
  const { via: _, ...rest } = forwarded({ host: 'otlp.example.com', ...headers }, { ...asker, peer }, names, trustOf(trust))
  return rest
}
const made = { 'x-forwarded-for': '10.0.0.7', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'otlp.example.com' }
const before = { 'x-forwarded-for': '1.2.3.4', 'x-forwarded-proto': 'http', 'x-forwarded-host': 'evil', forwarded: 'for=1.2.3.4' }

test('an endpoint is told who asked, for what and how', () => {
  expect(to({})).toEqual(made)
  expect(to({}, { names: 'rfc7239' })).toEqual({ forwarded: 'for=10.0.0.7;host=otlp.example.com;proto=https' })
  expect(to({}, { names: 'none' })).toEqual({})
})

test('what a peer says that is not trusted goes nowhere', () => {
  expect(to(before)).toEqual(made)
  expect(to(before, { names: 'none' })).toEqual({})
  expect(to(before, { trust: ['10.1.0.0/16', '::1'] })).toEqual(made)
})

test('what a trusted peer says is kept, and the peer put behind it', () => {
  const { forwarded: _, ...kept } = { ...before, 'x-forwarded-for': '1.2.3.4, 10.0.0.7' }
  expect(to(before, { trust: ['10.0.0.0/8'] })).toEqual(kept)
  expect(to(before, { trust: ['10.0.0.7'], peer: '::ffff:10.0.0.7' })['x-forwarded-for']).toBe('1.2.3.4, ::ffff:10.0.0.7')
  expect(to({ forwarded: 'for=a', host: 'h:80' }, { names: 'rfc7239', trust: ['fd00::/8'], peer: 'fd00::1' })).toEqual({
    forwarded: 'for=a, for="[fd00::1]";host="h:80";proto=https',
  })
})

test('a peer that has gone is unknown, and nobody', () => {
  const all = trustOf(['0.0.0.0/0', '::/0'])
  expect(forwarded(before, { peer: undefined, secure: false }, 'x-forwarded', all)).toMatchObject({
    'x-forwarded-for': 'unknown',
  })
})

test.each(['10.0.0.0/33', 'somewhere', '', '7'])('%j is no network', text => {
  expect(() => trustOf([text])).toThrow(/is neither an address nor a network/)
})

test('headers for one hop, also those that connection names, are not passed on', () => {
  expect(passedOn({ connection: 'keep-alive, X-Own', 'x-own': '1', 'keep-alive': 't', te: 'trailers', a: ['1', '2'] })).toEqual({
    a: ['1', '2'],
  })
})
