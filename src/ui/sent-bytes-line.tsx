/** @file The line in the page's footer that says how many bytes have left it. */

import { Text, Tooltip } from '@mantine/core';

const COUNTED =
  'Counted are the bodies of all requests of this page and its workers, and the whole of every request to another address than the page’s own.';

export function SentBytesLine({ sentBytes }: { sentBytes: number }) {
  return (
    <Tooltip label={COUNTED} multiline w={300}>
      <Text size="xs" c="dimmed" role="status" aria-label="Bytes sent" className="thorax-numbers" tabIndex={0}>
        Images and weights stay in this browser. Bytes that have left this page: {sentBytes.toLocaleString('en')}
      </Text>
    </Tooltip>
  );
}
