import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** A metric that an expression selects, with the labels that it is filtered by. */
export interface Selected {
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly op: string; readonly value: string }[];
}

export interface Expression {
  readonly selected: readonly Selected[];
  /** Labels of `by`, `without`, `on`, `ignoring`, `group_left` and `group_right`. */
  readonly grouped: readonly string[];
}

/** Reads a PromQL expression with Prometheus' own grammar. Throws where it is not one. */
export function readPromql(text: string): Expression {
  const selected: Selected[] = [];
  const grouped: string[] = [];
  const textOf = (node: SyntaxNode | null): string => (node ? text.slice(node.from, node.to) : '');
  parser.parse(text).iterate({
    enter({ node, type }) {
      if (type.isError) throw new SyntaxError(`not PromQL at "${text.slice(node.from, node.from + 30)}": ${text}`);
      if (type.name === 'GroupingLabels') grouped.push(...node.getChildren('LabelName').map(textOf));
      if (type.name !== 'VectorSelector') return;
      const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
      selected.push({
        metric: textOf(node.getChild('Identifier')),
        matchers: matchers.map((matcher) => ({
          label: textOf(matcher.getChild('LabelName')),
          op: textOf(matcher.getChild('MatchOp')),
          value: textOf(matcher.getChild('StringLiteral')).slice(1, -1),
        })),
      });
    },
  });
  return { selected, grouped };
}
