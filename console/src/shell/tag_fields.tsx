import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import Input from '@cloudscape-design/components/input';

export interface TagField {
  key: string;
  value: string;
}

interface Props {
  tags: TagField[];
  onChange: (tags: TagField[]) => void;
  /** What is wrong with a member of a tag, such as `0.key`. */
  problem?: (field: string) => string | undefined;
}

/** Tags that are added, changed and removed line by line. */
export function TagFields({ tags, onChange, problem = () => undefined }: Props) {
  const edit = (index: number, part: Partial<TagField>) =>
    onChange(tags.map((tag, n) => (n === index ? { ...tag, ...part } : tag)));
  return (
    <AttributeEditor
      items={tags}
      addButtonText="Add tag"
      removeButtonText="Remove"
      removeButtonAriaLabel={({ key }) => `Remove tag ${key}`}
      empty="No tags are associated with this key."
      onAddButtonClick={() => onChange([...tags, { key: '', value: '' }])}
      onRemoveButtonClick={({ detail }) => onChange(tags.filter((_, n) => n !== detail.itemIndex))}
      definition={[
        {
          label: 'Tag key',
          control: (tag, n) => (
            <Input
              value={tag.key}
              ariaLabel={`Tag key ${n + 1}`}
              onChange={({ detail }) => edit(n, { key: detail.value })}
            />
          ),
          errorText: (_, n) => problem(`${n}.key`),
        },
        {
          label: 'Tag value – optional',
          control: (tag, n) => (
            <Input
              value={tag.value}
              ariaLabel={`Tag value ${n + 1}`}
              onChange={({ detail }) => edit(n, { value: detail.value })}
            />
          ),
          errorText: (_, n) => problem(`${n}.value`),
        },
      ]}
    />
  );
}
