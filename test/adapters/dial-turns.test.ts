import { EventEmitter } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { beforeEach, expect, test } from 'vitest'
import { DialTurns } from '../../src/adapters/dial-turns.ts'

const ORIGIN = 'http://a.test'
let agent: EventEmitter
let turns: DialTurns
let went: number[]
beforeEach(() => {
  agent = new EventEmitter()
  turns = new DialTurns(agent)
  went = []
})

const connected = (origin = ORIGIN) => agent.emit('connect', new URL(origin))
const enter = (count: number, origin = ORIGIN) => {
  for (let n = 1; n <= count; n++) turns.enter(origin, () => went.push(n))
}

test('one connection is begun in a turn, in the order of the requests', async () => {
  enter(3)
  expect(went).toEqual([1])
  await turn()
  expect(went).toEqual([1, 2])
  await turn()
  expect(went).toEqual([1, 2, 3])
})

test('what finds a free connection goes at once', () => {
  connected()
  connected()
  enter(2)
  expect(went).toEqual([1, 2])
})

test('who waits takes the connections that are free in the next turn, and begins one besides', async () => {
  connected()
  enter(5)
  expect(went).toEqual([1, 2])
  turns.left(ORIGIN)
  connected()
  await turn()
  expect(went).toEqual([1, 2, 3, 4])
})

test('a connection that has ended is begun anew', async () => {
  connected()
  agent.emit('disconnect', new URL(ORIGIN))
  enter(2)
  expect(went).toEqual([1])
})

test('origins do not wait for each other, and one with its usual port is the same as one without', () => {
  connected('http://b.test:80')
  enter(1, 'http://c.test')
  enter(2, 'http://b.test:80')
  enter(1, 'http://b.test')
  expect(went).toEqual([1, 1, 2])
})
