/** Several requests as one: in protobuf, repeated fields of joined messages are joined too. */
export function joinProtobuf(bodies: readonly Uint8Array[]): Uint8Array {
  if (bodies.length === 1) return bodies[0] as Uint8Array
  const joined = new Uint8Array(bodies.reduce((length, body) => length + body.length, 0))
  let at = 0
  for (const body of bodies) {
    joined.set(body, at)
    at += body.length
  }
  return joined
}
