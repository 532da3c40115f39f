import { RUN_ATTRIBUTE, SEQUENCE_ATTRIBUTE } from '../identity.ts'
import type { Attribute, Shape } from './shape.ts'
import { Slot } from './slot.ts'

export interface KeyValue {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

export const text = (key: string, value: string | Slot): KeyValue => ({ key, value: { stringValue: value } })

export const sequenceAttribute = (item: number): KeyValue => ({
  key: SEQUENCE_ATTRIBUTE,
  value: { intValue: new Slot({ kind: 'sequence', item }) },
})

export const runAttribute = (run: string): KeyValue => text(RUN_ATTRIBUTE, run)

const given = (attributes: readonly Attribute[]): KeyValue[] => attributes.map(({ key, value }) => text(key, value))

/** What the shape gives each item, besides what identifies it. */
export const itemAttributes = (shape: Shape, item: number): KeyValue[] => [
  ...given(shape.itemAttributes),
  ...Array.from({ length: shape.attributes }, (_, index) => text(`attribute.${index + 1}`, filler(shape, item))),
]

/** Text of the size wanted: `0007xxxx` where there are several values, which differ in their number. */
function filler({ attributeSize, cardinality }: Shape, item: number): string | Slot {
  if (cardinality === 1) return 'x'.repeat(attributeSize)
  const digits = String(cardinality - 1).length
  const after = 'x'.repeat(Math.max(0, attributeSize - digits))
  return new Slot({ kind: 'ordinal', item, of: cardinality, digits, before: '', after })
}

/** The service changes from item to item; `item` is any of those in the resource. */
export function resource({ service, services, resourceAttributes }: Shape, item: number, run?: string) {
  const digits = String(services - 1).length
  const name =
    services === 1 ? service : new Slot({ kind: 'ordinal', item, of: services, digits, before: `${service}-`, after: '' })
  return { attributes: [text('service.name', name), ...given(resourceAttributes), ...(run ? [runAttribute(run)] : [])] }
}

/** The items of a request, those of one service together. */
export function byService<T>({ services }: Shape, count: number, make: (item: number) => T): { item: number; own: T[] }[] {
  const blocks = Array.from({ length: Math.min(services, count) }, (_, item) => ({ item, own: [] as T[] }))
  for (let item = 0; item < count; item++) blocks[item % services]?.own.push(make(item))
  return blocks
}
