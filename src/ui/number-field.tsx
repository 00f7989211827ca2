/**
 * @file A native number field that lets a person type freely: what it holds is a number, null when empty, NaN when it
 * is no number. Judging the value is the caller's business.
 */

import { TextInput } from '@mantine/core';
import { useState } from 'react';

interface NumberFieldProps {
  label: string;
  value: number | null;
  onChange: (value: number | null) => void;
  min: number;
  max: number;
  whole: boolean;
  /** Under the label: the unit, or what the number is. */
  description?: string;
  placeholder?: string;
  error?: string;
}

export function NumberField({ label, value, onChange, min, max, whole, ...rest }: NumberFieldProps) {
  const [text, setText] = useState(toText(value));
  // What is being typed ("1e-") stays as it is; a value changed from outside (Reset) replaces it.
  const shown = Object.is(toNumber(text), value) || Number.isNaN(value) ? text : toText(value);

  return (
    <TextInput
      {...rest}
      type="number"
      label={label}
      value={shown}
      min={min}
      max={max}
      step={whole ? 1 : 'any'}
      onChange={({ currentTarget }) => {
        setText(currentTarget.value);
        onChange(currentTarget.validity.badInput ? Number.NaN : toNumber(currentTarget.value));
      }}
    />
  );
}

function toText(value: number | null): string {
  return value === null || Number.isNaN(value) ? '' : String(value);
}

function toNumber(text: string): number | null {
  return text.trim() === '' ? null : Number(text);
}
