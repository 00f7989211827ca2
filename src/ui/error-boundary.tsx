/** @file Keeps a defect of one screen from taking the page down, and says so. */

import { Alert, Button, Code, Stack, Text } from '@mantine/core';
import { Component, type ReactNode } from 'react';

interface ErrorBoundaryProps {
  children: ReactNode;
}

interface ErrorBoundaryState {
  message: string | null;
}

export class ErrorBoundary extends Component<ErrorBoundaryProps, ErrorBoundaryState> {
  override state: ErrorBoundaryState = { message: null };

  static getDerivedStateFromError(error: unknown): ErrorBoundaryState {
    return { message: error instanceof Error ? error.message : String(error) };
  }

  override render() {
    const { message } = this.state;
    if (message === null) return this.props.children;
    return (
      <Alert title="This screen ran into a defect" color="red">
        <Stack gap="sm" align="flex-start">
          <Text size="sm">
            A training that is going goes on, and stored runs are kept. Show the screen again, or reload the page.
          </Text>
          <Code block>{message}</Code>
          <Button variant="default" onClick={() => this.setState({ message: null })}>
            Show again
          </Button>
        </Stack>
      </Alert>
    );
  }
}
