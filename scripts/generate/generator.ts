/** A document that follows from the code. `npm run generate` writes it, `npm run check` compares. */
export interface GeneratedFile {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly text: string;
}

export interface Generator {
  /** `current` gives a file's present text ('' where there is none): hand-written parts of it are kept. */
  generate(current: (path: string) => string): Promise<GeneratedFile[]>;
}
