/** Containers that chaos runs against, as the schema of the project file has them. */
export interface ContainersSection {
  readonly traffic?: string
  readonly metrics?: string
  readonly collector?: string
  readonly backends?: Readonly<
    Record<string, { readonly container?: string; readonly arrivals?: string; readonly 'arrivals-in-container'?: string }>
  >
}

/** With its paths as `from` gives them. */
export const containersBeside = (section: ContainersSection, from: (path: string) => string): ContainersSection => ({
  ...section,
  ...(section.backends && {
    backends: Object.fromEntries(
      Object.entries(section.backends).map(([name, backend]) => [
        name,
        { ...backend, ...(backend.arrivals !== undefined && { arrivals: from(backend.arrivals) }) },
      ]),
    ),
  }),
})
