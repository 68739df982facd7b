import FileUpload from '@cloudscape-design/components/file-upload';
import FormField from '@cloudscape-design/components/form-field';
import { useState } from 'react';

interface Props {
  label: string;
  description: string;
  problem: string | undefined;
  button?: string;
  onChange: (file: File | undefined) => void;
}

/** One file that is uploaded. */
export function OneFile({ label, description, problem, button = 'Choose file', onChange }: Props) {
  const [files, setFiles] = useState<File[]>([]);
  return (
    <FormField label={label} description={description}>
      <FileUpload
        value={files}
        errorText={problem}
        showFileSize
        i18nStrings={{
          uploadButtonText: () => button,
          dropzoneText: () => 'Drop file to upload',
          removeFileAriaLabel: () => `Remove the file: ${label}`,
          errorIconAriaLabel: 'Error',
          limitShowFewer: 'Show fewer files',
          limitShowMore: 'Show more files',
        }}
        onChange={({ detail }) => {
          setFiles(detail.value);
          onChange(detail.value[0]);
        }}
      />
    </FormField>
  );
}
