import FileUpload from '@cloudscape-design/components/file-upload';
import FormField from '@cloudscape-design/components/form-field';
import { useRef, useState } from 'react';

interface Props {
  label: string;
  description: string;
  problem: string | undefined;
  button?: string;
  /** What the chosen file holds, or undefined after it was removed. */
  onRead: (content: Uint8Array<ArrayBuffer> | undefined) => void;
}

/** One file that is uploaded. It is shown as chosen once it has been read. */
export function OneFile({ label, description, problem, button = 'Choose file', onRead }: Props) {
  const [files, setFiles] = useState<File[]>([]);
  const [unread, setUnread] = useState<string>();
  const newest = useRef<File>(undefined);
  const choose = async (file: File | undefined) => {
    newest.current = file;
    // A file that has changed since it was chosen cannot be read any more.
    const content = await file?.arrayBuffer().catch(() => undefined);
    if (newest.current !== file) return;
    setUnread(file && !content ? `The file ${file.name} could not be read.` : undefined);
    setFiles(file && content ? [file] : []);
    onRead(content && new Uint8Array(content));
  };
  return (
    <FormField label={label} description={description}>
      <FileUpload
        value={files}
        errorText={unread ?? problem}
        showFileSize
        i18nStrings={{
          uploadButtonText: () => button,
          dropzoneText: () => 'Drop file to upload',
          removeFileAriaLabel: () => `Remove the file: ${label}`,
          errorIconAriaLabel: 'Error',
          limitShowFewer: 'Show fewer files',
          limitShowMore: 'Show more files',
        }}
        onChange={({ detail }) => void choose(detail.value[0])}
      />
    </FormField>
  );
}
