import { expect, test } from 'vitest'
import { ACTIONS } from '../../src/experiment/wish.ts'
import { faultWords } from '../../src/formats/fault-words.ts'

test.each(ACTIONS)('%s is told in words', action => expect(faultWords(action)).not.toEqual(faultWords('something new')))
test.each(ACTIONS)('%s has words for its end', action => expect(faultWords(action).ended).not.toBe('is over'))
