/** A location that a file names, as seen from where the file's own path is: relative ones are meant from its folder. */
export function beside(file: string, location: string): string {
  if (/^(\/|-$|[A-Za-z][\w+.-]+:)/.test(location)) return location
  return withoutDetours(file.slice(0, file.lastIndexOf('/') + 1) + location)
}

/** `a/b/../c` is `a/c`. */
function withoutDetours(path: string): string {
  const steps: string[] = []
  for (const step of path.split('/')) {
    const last = steps.at(-1)
    if (step === '..' && last !== undefined && last !== '..' && last !== '') steps.pop()
    else if (step !== '.' || steps.length === 0) steps.push(step)
  }
  return steps.join('/')
}
