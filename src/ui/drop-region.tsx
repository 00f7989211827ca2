/** @file A named region that accepts drops; its border changes while something is dragged over it. */

import { type DragEvent, type ReactNode, useState } from 'react';
import classes from './drop-region.module.css';

interface DropRegionProps {
  label: string;
  /** Called inside the drop event, while its items are still alive. */
  onDrop: (transfer: DataTransfer) => void;
  children: ReactNode;
}

export function DropRegion({ label, onDrop, children }: DropRegionProps) {
  const [over, setOver] = useState(false);

  function allow(event: DragEvent) {
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    setOver(true);
  }

  function leave(event: DragEvent<HTMLElement>) {
    // Moving onto a child leaves the parent too; only leaving the region counts.
    const { relatedTarget } = event;
    if (relatedTarget instanceof Node && event.currentTarget.contains(relatedTarget)) return;
    setOver(false);
  }

  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    onDrop(event.dataTransfer);
  }

  return (
    <section
      aria-label={label}
      className={classes.region}
      data-over={over || undefined}
      onDragEnter={allow}
      onDragOver={allow}
      onDragLeave={leave}
      onDrop={drop}
    >
      {children}
    </section>
  );
}
