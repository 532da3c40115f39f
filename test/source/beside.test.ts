import { expect, test } from 'vitest'
import { beside } from '../../src/source/beside.ts'

test.each([
  ['a/b/x.yaml', 'c.yaml', 'a/b/c.yaml'],
  ['a/b/x.yaml', '../c.yaml', 'a/c.yaml'],
  ['a/x.yaml', '../c.yaml', 'c.yaml'],
  ['a/x.yaml', '../../c.yaml', '../c.yaml'],
  ['../x.yaml', '../c.yaml', '../../c.yaml'],
  ['/x.yaml', '../c.yaml', '/../c.yaml'],
  ['./x.yaml', './c.yaml', './c.yaml'],
  ['x.yaml', 'c.yaml', 'c.yaml'],
  ['a/x.yaml', '/c.yaml', '/c.yaml'],
  ['a/x.yaml', '-', '-'],
  ['a/x.yaml', 'env:CONFIG', 'env:CONFIG'],
])('%s names %s: %s', (file, location, expected) => expect(beside(file, location)).toBe(expected))
