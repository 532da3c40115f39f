import { expect, test } from 'vitest'
import { UndoStack } from '../../src/chaos/undo.ts'

const recorder = () => {
  const done: string[] = []
  const stack = new UndoStack<string>()
  const add = (name: string, fails = false) =>
    stack.push(name, async () => {
      if (fails) throw new Error(`${name} is stuck`)
      done.push(name)
    })
  return { done, stack, add }
}

test('undoes the last first, once', async () => {
  const { done, stack, add } = recorder()
  for (const name of ['a', 'b', 'c']) add(name)
  expect(await stack.unwind()).toEqual({ undone: ['c', 'b', 'a'], failed: [] })
  await stack.unwind()
  expect(done).toEqual(['c', 'b', 'a'])
})

test('one of them at a time, the rest later', async () => {
  const { done, stack, add } = recorder()
  for (const name of ['a', 'b']) add(name)
  await stack.undo('a')
  await stack.unwind()
  expect(done).toEqual(['a', 'b'])
})

test('an undo that fails is told, and does not keep the others from running', async () => {
  const { done, stack, add } = recorder()
  add('a')
  add('b', true)
  expect(await stack.unwind()).toMatchObject({ undone: ['a'], failed: [{ of: 'b', error: { message: 'b is stuck' } }] })
  expect(done).toEqual(['a'])
})

test('an undo that failed early is tried again at the end', async () => {
  const { stack, add } = recorder()
  add('a', true)
  await expect(stack.undo('a')).rejects.toThrow('a is stuck')
  expect((await stack.unwind()).failed).toHaveLength(1)
})
