import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import Input from '@cloudscape-design/components/input';

interface Props {
  accounts: string[];
  add: string;
  onChange: (accounts: string[]) => void;
  problem?: (index: number) => string | undefined;
}

/** Other AWS accounts, by their account IDs. */
export function Accounts({ accounts, add, onChange, problem = () => undefined }: Props) {
  return (
    <AttributeEditor
      items={accounts}
      addButtonText={add}
      removeButtonText="Remove"
      removeButtonAriaLabel={(account) => `Remove account ${account}`}
      empty="No other AWS accounts can use this key."
      onAddButtonClick={() => onChange([...accounts, ''])}
      onRemoveButtonClick={({ detail }) =>
        onChange(accounts.filter((_, n) => n !== detail.itemIndex))
      }
      definition={[
        {
          label: 'AWS account ID',
          control: (account, n) => (
            <Input
              value={account}
              ariaLabel={`AWS account ID ${n + 1}`}
              inputMode="numeric"
              onChange={({ detail }) =>
                onChange(accounts.map((old, index) => (index === n ? detail.value : old)))
              }
            />
          ),
          errorText: (_, n) => problem(n),
        },
      ]}
    />
  );
}
