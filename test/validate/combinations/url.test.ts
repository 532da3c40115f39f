import { expect, test } from 'vitest'
import { isUrl } from '../../../src/validate/combinations/url.ts'

// As a collector of 0.161.0 takes or refuses each at its start.
test.each<[url: string, is: boolean]>([
  ['http://backend:4318', true],
  ['https://[::1]:4318/v1', true],
  ['http://user:password@backend:4318', true],
  ['http://user:pass@word@backend', true],
  ['http://user@[::1]:4318', true],
  ['http://user:a%20b@backend:4318', true],
  ['http://user:password@backend:port', false],
  ['http://us er:password@backend:4318', false],
  ['http://user:100%@backend:4318', false],
  ['http://backend:port', false],
  ['http://back end:4318', false],
])('%s: %s', (url, is) => {
  expect(isUrl(url)).toBe(is)
})
