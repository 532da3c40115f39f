import type { Component } from '../../collector/graph.ts'
import { asText, settingsOf } from '../../collector/settings.ts'
import { readDuration } from '../../source/duration.ts'
import { lookup, type Value } from '../../source/value.ts'

/** Settings that each alone are fine and that a collector refuses as they are together, or a number out of range. */
export interface Refused {
  /** The setting to point at. */
  readonly path: string
  readonly message: string
  readonly hint: string
  /** Found only when the component is built: one that no pipeline uses passes. */
  readonly whenUsed?: boolean
}

export type Read = ReturnType<typeof reader>

export const reader = (component: Component) => {
  const settings = settingsOf(component)
  const value = (path: string) => lookup(component.settings, ...path.split('.'))
  const written = (path: string) => {
    const found = value(path)
    return found?.kind === 'scalar' ? asText(found) : found?.text
  }
  return {
    has: (path: string) => settings.key(path) !== undefined,
    isTrue: (path: string, fallback = false) => settings.boolean(path, fallback).value,
    number: (path: string, fallback = 0) => settings.number(path, fallback).value,
    text: (path: string, fallback = '') => written(path) ?? fallback,
    ms: (path: string, fallback = 0) => settings.duration(path, fallback).value,
    /** Undefined where it is not written, or empty. */
    written,
    /** Whether it is written, and known to be empty. */
    isEmpty: (path: string) => {
      const found = value(path)
      return found?.kind === 'scalar' && found.isUnknown !== true && found.value === null
    },
    /** Whether its key is written with nothing behind it, which a collector takes for a section that is not there. */
    isNull: (path: string) => {
      const found = value(path)
      return found?.kind === 'scalar' && found.value === null && !found.fromEnvironment
    },
    /** Whether it depends on what is not set, or not read, here. */
    isUnknown: (path: string) => {
      const found = value(path)
      return found?.kind === 'scalar' && found.isUnknown === true
    },
    isDuration: (path: string) => {
      const found = value(path)
      return found !== undefined && readDuration(found) !== undefined
    },
    /** Whether a list has a text in it that is empty, and known to be. */
    hasBlank: (path: string) => {
      const found = value(path)
      const isBlank = (item: Value) => item.kind === 'scalar' && item.isUnknown !== true && (asText(item) ?? '') === ''
      return found?.kind === 'list' && found.items.some(isBlank)
    },
    texts: (path: string) => {
      const found = value(path)
      return found?.kind === 'list' ? found.items.map(item => asText(item) ?? '') : (asText(found)?.split(',') ?? [])
    },
  }
}

export type Check = (read: Read) => Refused | undefined

export const when = (holds: boolean, path: string, message: string, hint: string): Refused | undefined =>
  holds ? { path, message, hint } : undefined

export const fromZero =
  (path: string): Check =>
  read =>
    when(read.isDuration(path) && read.ms(path) < 0, path, `\`${path}\` is negative`, 'Write a duration from 0s.')

export const DUPLICATE = 'a metadata key is there twice; capital letters make no difference'
export const twice = (keys: readonly string[]) => new Set(keys.map(key => key.toLowerCase())).size < keys.length
