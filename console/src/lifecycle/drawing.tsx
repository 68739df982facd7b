import { stateWords } from '../words.ts';
import { BIRTH, END, order, type Step } from './steps.ts';

const COLUMN = 154;
const HEAD = 64;
const LINE = 17;
const GAP = 22;
const PILL = { width: 138, height: 32 };
const LETTER = 6.4; // of 12 px, about

interface Placed extends Step {
  y: number;
  lines: string[];
}

/** One row for each step, so that no label can lie on another. */
function rows(steps: Step[], states: string[]): { placed: Placed[]; height: number } {
  const place = (state: string) => states.indexOf(state);
  const sorted = steps.toSorted(
    (one, other) => place(one.from) - place(other.from) || place(one.to) - place(other.to),
  );
  let y = HEAD;
  const placed = sorted.map((step) => {
    y += GAP + step.by.length * LINE;
    return { ...step, lines: step.by, y };
  });
  return { placed, height: y + 28 };
}

function words(state: string): string {
  return state === BIRTH || state === END ? state : stateWords(state).text;
}

interface Props {
  steps: Step[];
  /** The key state of the key whose place is shown. */
  here?: string | undefined;
  label: string;
}

/** The life of a key: a column for each key state, and an arrow for each step between two of them. */
export function Drawing({ steps, here, label }: Props) {
  const states = order(steps);
  const { placed, height } = rows(steps, states);
  const width = states.length * COLUMN + 24;
  const x = (state: string) => 12 + COLUMN * (states.indexOf(state) + 0.5);
  return (
    <div className="life" tabIndex={0} role="region" aria-label={label}>
      <svg
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`${label}: ${placed.map(told).join('; ')}`}
      >
        <defs>
          {['step', 'step next'].map((name) => (
            <marker
              key={name}
              id={`tip-${name.replace(' ', '-')}`}
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="8"
              markerHeight="8"
              orient="auto"
            >
              <path d="M0 0 8 4 0 8z" className={`tip ${name}`} />
            </marker>
          ))}
        </defs>
        {states.map((state) => (
          <g key={state} className={state === here ? 'state here' : 'state'}>
            <line x1={x(state)} x2={x(state)} y1={HEAD - 12} y2={height - 8} />
            <rect
              x={x(state) - PILL.width / 2}
              y={14}
              rx={16}
              width={PILL.width}
              height={PILL.height}
              className={`kind-${stateWords(state).kind}`}
            />
            <text x={x(state)} y={35} textAnchor="middle">
              {words(state)}
            </text>
          </g>
        ))}
        {placed.map((step) => (
          <Arrow key={`${step.y}`} step={step} x={x} width={width} next={step.from === here} />
        ))}
      </svg>
    </div>
  );
}

function told({ from, to, by }: Step): string {
  return `${words(from)} to ${words(to)} by ${by.join(' or ')}`;
}

interface ArrowProps {
  step: Placed;
  x: (state: string) => number;
  width: number;
  next: boolean;
}

function Arrow({ step, x, width, next }: ArrowProps) {
  const [from, to] = [x(step.from), x(step.to)];
  const direction = Math.sign(to - from);
  const half = (Math.max(...step.lines.map((line) => line.length)) * LETTER) / 2 + 6;
  const middle = Math.min(Math.max((from + to) / 2, half + 4), width - half - 4);
  const top = step.y - step.lines.length * LINE - 3;
  return (
    <g className={`step ${step.kind}${next ? ' next' : ''}`}>
      <circle cx={from} cy={step.y} r={3.5} />
      <line
        x1={from}
        x2={to - direction * 2}
        y1={step.y}
        y2={step.y}
        markerEnd={next ? 'url(#tip-step-next)' : 'url(#tip-step)'}
      />
      <rect x={middle - half} y={top} width={2 * half} height={step.lines.length * LINE} />
      {step.lines.map((line, n) => (
        <text key={line} x={middle} y={top + 13 + n * LINE} textAnchor="middle">
          {line}
        </text>
      ))}
    </g>
  );
}
