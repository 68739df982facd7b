# The names that `kmsmodel` has, each with the module that it comes from: `__init__.py` reads them here.

from kmsmodel import asgi as asgi, boto as boto, server as server
from kmsmodel.calls.call import (
    Call as Call,
)
from kmsmodel.calls.caller import Caller as Caller
from kmsmodel.calls.credential import (
    Credential as Credential,
    credential as credential,
)
from kmsmodel.calls.delays import Delays as Delays
from kmsmodel.calls.iam import Iam as Iam
from kmsmodel.calls.identities import Group as Group, Role as Role, User as User
from kmsmodel.calls.quotas import Quotas as Quotas
from kmsmodel.calls.request import (
    Request as Request,
)
from kmsmodel.calls.sharing import share_key as share_key, unshare_key as unshare_key
from kmsmodel.clock import (
    Clock as Clock,
)
from kmsmodel.crypto.seeded_hsm import (
    SeededHsm as SeededHsm,
)
from kmsmodel.crypto.software_cluster import (
    SoftwareCluster as SoftwareCluster,
)
from kmsmodel.crypto.software_hsm import (
    SoftwareHsm as SoftwareHsm,
)
from kmsmodel.crypto.software_xks_proxy import (
    ExternalKey as ExternalKey,
    SoftwareXksProxies as SoftwareXksProxies,
    SoftwareXksProxy as SoftwareXksProxy,
)
from kmsmodel.crypto.wrapping import (
    wrap_key_material as wrap_key_material,
)
from kmsmodel.errors import (
    AccessDeniedException as AccessDeniedException,
    AlreadyExistsException as AlreadyExistsException,
    CloudHsmClusterInUseException as CloudHsmClusterInUseException,
    CloudHsmClusterInvalidConfigurationException as CloudHsmClusterInvalidConfigurationException,
    CloudHsmClusterNotActiveException as CloudHsmClusterNotActiveException,
    CloudHsmClusterNotFoundException as CloudHsmClusterNotFoundException,
    CloudHsmClusterNotRelatedException as CloudHsmClusterNotRelatedException,
    ConflictException as ConflictException,
    ConnectionDropped as ConnectionDropped,
    CustomKeyStoreHasCMKsException as CustomKeyStoreHasCMKsException,
    CustomKeyStoreInvalidStateException as CustomKeyStoreInvalidStateException,
    CustomKeyStoreNameInUseException as CustomKeyStoreNameInUseException,
    CustomKeyStoreNotFoundException as CustomKeyStoreNotFoundException,
    DependencyTimeoutException as DependencyTimeoutException,
    DisabledException as DisabledException,
    DryRunOperationException as DryRunOperationException,
    ExpiredImportTokenException as ExpiredImportTokenException,
    ExpiredTokenException as ExpiredTokenException,
    IncompleteSignatureException as IncompleteSignatureException,
    IncorrectKeyException as IncorrectKeyException,
    IncorrectKeyMaterialException as IncorrectKeyMaterialException,
    IncorrectTrustAnchorException as IncorrectTrustAnchorException,
    InvalidAliasNameException as InvalidAliasNameException,
    InvalidArnException as InvalidArnException,
    InvalidCiphertextException as InvalidCiphertextException,
    InvalidGrantIdException as InvalidGrantIdException,
    InvalidGrantTokenException as InvalidGrantTokenException,
    InvalidImportTokenException as InvalidImportTokenException,
    InvalidKeyUsageException as InvalidKeyUsageException,
    InvalidMarkerException as InvalidMarkerException,
    InvalidSignatureException as InvalidSignatureException,
    KeyUnavailableException as KeyUnavailableException,
    KmsError as KmsError,
    KMSInternalException as KMSInternalException,
    KMSInvalidMacException as KMSInvalidMacException,
    KMSInvalidSignatureException as KMSInvalidSignatureException,
    KMSInvalidStateException as KMSInvalidStateException,
    LimitExceededException as LimitExceededException,
    MalformedPolicyDocumentException as MalformedPolicyDocumentException,
    NotFoundException as NotFoundException,
    RequestEntityTooLargeException as RequestEntityTooLargeException,
    SerializationException as SerializationException,
    TagException as TagException,
    ThrottlingException as ThrottlingException,
    UnknownOperationException as UnknownOperationException,
    UnrecognizedClientException as UnrecognizedClientException,
    UnsupportedOperationException as UnsupportedOperationException,
    ValidationException as ValidationException,
    XksKeyAlreadyInUseException as XksKeyAlreadyInUseException,
    XksKeyInvalidConfigurationException as XksKeyInvalidConfigurationException,
    XksKeyNotFoundException as XksKeyNotFoundException,
    XksProxyIncorrectAuthenticationCredentialException as XksProxyIncorrectAuthenticationCredentialException,
    XksProxyInvalidConfigurationException as XksProxyInvalidConfigurationException,
    XksProxyInvalidResponseException as XksProxyInvalidResponseException,
    XksProxyUriEndpointInUseException as XksProxyUriEndpointInUseException,
    XksProxyUriInUseException as XksProxyUriInUseException,
    XksProxyUriUnreachableException as XksProxyUriUnreachableException,
    XksProxyVpcEndpointServiceInUseException as XksProxyVpcEndpointServiceInUseException,
    XksProxyVpcEndpointServiceInvalidConfigurationException as XksProxyVpcEndpointServiceInvalidConfigurationException,
    XksProxyVpcEndpointServiceNotFoundException as XksProxyVpcEndpointServiceNotFoundException,
)
from kmsmodel.exploration.kinds import explored as explored
from kmsmodel.exploration.moves import moves as moves
from kmsmodel.faults import Fault as Fault
from kmsmodel.hsm.cluster import (
    Cluster as Cluster,
    ClusterError as ClusterError,
)
from kmsmodel.hsm.external_keys import (
    EkmHealthStatus as EkmHealthStatus,
    ExternalCiphertext as ExternalCiphertext,
    ExternalKeyMetadata as ExternalKeyMetadata,
    XksFailure as XksFailure,
    XksProxies as XksProxies,
    XksProxy as XksProxy,
    XksProxyAuthenticationCredential as XksProxyAuthenticationCredential,
    XksProxyConfiguration as XksProxyConfiguration,
    XksProxyError as XksProxyError,
    XksRequestMetadata as XksRequestMetadata,
)
from kmsmodel.hsm.key_stores import (
    KeyStores as KeyStores,
)
from kmsmodel.hsm.port import (
    Cipher as Cipher,
    Encapsulation as Encapsulation,
    Hsm as Hsm,
    WrappingKey as WrappingKey,
)
from kmsmodel.hsm.recipient import (
    RecipientInfo as RecipientInfo,
)
from kmsmodel.hsm.secret import (
    Secret as Secret,
)
from kmsmodel.key.backing_key import BackingKey as BackingKey
from kmsmodel.key.event import (
    Event as Event,
    EventName as EventName,
)
from kmsmodel.key.key import Key as Key
from kmsmodel.key.key_metadata import (
    KeyMetadata as KeyMetadata,
    MultiRegionConfiguration as MultiRegionConfiguration,
    MultiRegionKey as MultiRegionKey,
    XksKeyConfigurationType as XksKeyConfigurationType,
)
from kmsmodel.key.tag import (
    Tag as Tag,
)
from kmsmodel.key_import import import_key_material as import_key_material
from kmsmodel.local import (
    LocalKms as LocalKms,
)
from kmsmodel.machine.automatic_rotation import (
    AutomaticRotation as AutomaticRotation,
)
from kmsmodel.machine.key_state import (
    KEY_STATE_TABLE as KEY_STATE_TABLE,
    refusal as refusal,
)
from kmsmodel.machine.lifecycle import (
    Lifecycle as Lifecycle,
)
from kmsmodel.machine.material import (
    Material as Material,
    Materials as Materials,
)
from kmsmodel.memory.account import (
    AccountInRegion as AccountInRegion,
)
from kmsmodel.memory.custom_key_store import (
    ClusterConfiguration as ClusterConfiguration,
    Connection as Connection,
    CustomKeyStore as CustomKeyStore,
)
from kmsmodel.memory.kms import (
    Kms as Kms,
)
from kmsmodel.memory.records import (
    InMemoryRecords as InMemoryRecords,
    Records as Records,
)
from kmsmodel.operations import (
    OPERATIONS as OPERATIONS,
)
from kmsmodel.operations.aliases import (
    AliasListEntry as AliasListEntry,
    CreateAliasRequest as CreateAliasRequest,
    CreateAliasResponse as CreateAliasResponse,
    DeleteAliasRequest as DeleteAliasRequest,
    DeleteAliasResponse as DeleteAliasResponse,
    ListAliasesRequest as ListAliasesRequest,
    ListAliasesResponse as ListAliasesResponse,
    UpdateAliasRequest as UpdateAliasRequest,
    UpdateAliasResponse as UpdateAliasResponse,
)
from kmsmodel.operations.asymmetric_keys import (
    DeriveSharedSecretRequest as DeriveSharedSecretRequest,
    DeriveSharedSecretResponse as DeriveSharedSecretResponse,
    GetPublicKeyRequest as GetPublicKeyRequest,
    GetPublicKeyResponse as GetPublicKeyResponse,
    SignRequest as SignRequest,
    SignResponse as SignResponse,
    VerifyRequest as VerifyRequest,
    VerifyResponse as VerifyResponse,
)
from kmsmodel.operations.custom_key_store_updates import (
    UpdateCustomKeyStoreRequest as UpdateCustomKeyStoreRequest,
    UpdateCustomKeyStoreResponse as UpdateCustomKeyStoreResponse,
)
from kmsmodel.operations.custom_key_stores import (
    ConnectCustomKeyStoreRequest as ConnectCustomKeyStoreRequest,
    ConnectCustomKeyStoreResponse as ConnectCustomKeyStoreResponse,
    CreateCustomKeyStoreRequest as CreateCustomKeyStoreRequest,
    CreateCustomKeyStoreResponse as CreateCustomKeyStoreResponse,
    CustomKeyStoresListEntry as CustomKeyStoresListEntry,
    DeleteCustomKeyStoreRequest as DeleteCustomKeyStoreRequest,
    DeleteCustomKeyStoreResponse as DeleteCustomKeyStoreResponse,
    DescribeCustomKeyStoresRequest as DescribeCustomKeyStoresRequest,
    DescribeCustomKeyStoresResponse as DescribeCustomKeyStoresResponse,
    DisconnectCustomKeyStoreRequest as DisconnectCustomKeyStoreRequest,
    DisconnectCustomKeyStoreResponse as DisconnectCustomKeyStoreResponse,
    XksProxyAuthenticationCredentialType as XksProxyAuthenticationCredentialType,
    XksProxyConfigurationType as XksProxyConfigurationType,
)
from kmsmodel.operations.data_keys import (
    GenerateDataKeyPairRequest as GenerateDataKeyPairRequest,
    GenerateDataKeyPairResponse as GenerateDataKeyPairResponse,
    GenerateDataKeyPairWithoutPlaintextRequest as GenerateDataKeyPairWithoutPlaintextRequest,
    GenerateDataKeyPairWithoutPlaintextResponse as GenerateDataKeyPairWithoutPlaintextResponse,
    GenerateDataKeyRequest as GenerateDataKeyRequest,
    GenerateDataKeyResponse as GenerateDataKeyResponse,
    GenerateDataKeyWithoutPlaintextRequest as GenerateDataKeyWithoutPlaintextRequest,
    GenerateDataKeyWithoutPlaintextResponse as GenerateDataKeyWithoutPlaintextResponse,
    GenerateRandomRequest as GenerateRandomRequest,
    GenerateRandomResponse as GenerateRandomResponse,
)
from kmsmodel.operations.deletion import (
    CancelKeyDeletionRequest as CancelKeyDeletionRequest,
    CancelKeyDeletionResponse as CancelKeyDeletionResponse,
    ScheduleKeyDeletionRequest as ScheduleKeyDeletionRequest,
    ScheduleKeyDeletionResponse as ScheduleKeyDeletionResponse,
)
from kmsmodel.operations.encryption import (
    DecryptRequest as DecryptRequest,
    DecryptResponse as DecryptResponse,
    EncryptRequest as EncryptRequest,
    EncryptResponse as EncryptResponse,
    ReEncryptRequest as ReEncryptRequest,
    ReEncryptResponse as ReEncryptResponse,
)
from kmsmodel.operations.grant_deletion import (
    RetireGrantRequest as RetireGrantRequest,
    RetireGrantResponse as RetireGrantResponse,
    RevokeGrantRequest as RevokeGrantRequest,
    RevokeGrantResponse as RevokeGrantResponse,
)
from kmsmodel.operations.grant_lists import (
    GrantListEntry as GrantListEntry,
    ListGrantsRequest as ListGrantsRequest,
    ListGrantsResponse as ListGrantsResponse,
    ListRetirableGrantsRequest as ListRetirableGrantsRequest,
)
from kmsmodel.operations.grants import (
    CreateGrantRequest as CreateGrantRequest,
    CreateGrantResponse as CreateGrantResponse,
)
from kmsmodel.operations.hmac_keys import (
    GenerateMacRequest as GenerateMacRequest,
    GenerateMacResponse as GenerateMacResponse,
    VerifyMacRequest as VerifyMacRequest,
    VerifyMacResponse as VerifyMacResponse,
)
from kmsmodel.operations.importing import (
    DeleteImportedKeyMaterialRequest as DeleteImportedKeyMaterialRequest,
    DeleteImportedKeyMaterialResponse as DeleteImportedKeyMaterialResponse,
    GetParametersForImportRequest as GetParametersForImportRequest,
    GetParametersForImportResponse as GetParametersForImportResponse,
    ImportKeyMaterialRequest as ImportKeyMaterialRequest,
    ImportKeyMaterialResponse as ImportKeyMaterialResponse,
)
from kmsmodel.operations.key_encapsulation import (
    DecapsulateRequest as DecapsulateRequest,
    DecapsulateResponse as DecapsulateResponse,
    EncapsulateRequest as EncapsulateRequest,
    EncapsulateResponse as EncapsulateResponse,
)
from kmsmodel.operations.key_policies import (
    GetKeyPolicyRequest as GetKeyPolicyRequest,
    GetKeyPolicyResponse as GetKeyPolicyResponse,
    ListKeyPoliciesRequest as ListKeyPoliciesRequest,
    ListKeyPoliciesResponse as ListKeyPoliciesResponse,
    PutKeyPolicyRequest as PutKeyPolicyRequest,
    PutKeyPolicyResponse as PutKeyPolicyResponse,
)
from kmsmodel.operations.keys import (
    CreateKeyRequest as CreateKeyRequest,
    CreateKeyResponse as CreateKeyResponse,
    DescribeKeyRequest as DescribeKeyRequest,
    DescribeKeyResponse as DescribeKeyResponse,
    DisableKeyRequest as DisableKeyRequest,
    DisableKeyResponse as DisableKeyResponse,
    EnableKeyRequest as EnableKeyRequest,
    EnableKeyResponse as EnableKeyResponse,
    KeyListEntry as KeyListEntry,
    ListKeysRequest as ListKeysRequest,
    ListKeysResponse as ListKeysResponse,
    UpdateKeyDescriptionRequest as UpdateKeyDescriptionRequest,
    UpdateKeyDescriptionResponse as UpdateKeyDescriptionResponse,
)
from kmsmodel.operations.last_usage import (
    GetKeyLastUsageRequest as GetKeyLastUsageRequest,
    GetKeyLastUsageResponse as GetKeyLastUsageResponse,
    KeyLastUsageData as KeyLastUsageData,
)
from kmsmodel.operations.multi_region_keys import (
    ReplicateKeyRequest as ReplicateKeyRequest,
    ReplicateKeyResponse as ReplicateKeyResponse,
    UpdatePrimaryRegionRequest as UpdatePrimaryRegionRequest,
    UpdatePrimaryRegionResponse as UpdatePrimaryRegionResponse,
)
from kmsmodel.operations.rotation import (
    DisableKeyRotationRequest as DisableKeyRotationRequest,
    DisableKeyRotationResponse as DisableKeyRotationResponse,
    EnableKeyRotationRequest as EnableKeyRotationRequest,
    EnableKeyRotationResponse as EnableKeyRotationResponse,
    GetKeyRotationStatusRequest as GetKeyRotationStatusRequest,
    GetKeyRotationStatusResponse as GetKeyRotationStatusResponse,
    ListKeyRotationsRequest as ListKeyRotationsRequest,
    ListKeyRotationsResponse as ListKeyRotationsResponse,
    RotateKeyOnDemandRequest as RotateKeyOnDemandRequest,
    RotateKeyOnDemandResponse as RotateKeyOnDemandResponse,
    RotationsListEntry as RotationsListEntry,
)
from kmsmodel.operations.tags import (
    ListResourceTagsRequest as ListResourceTagsRequest,
    ListResourceTagsResponse as ListResourceTagsResponse,
    TagResourceRequest as TagResourceRequest,
    TagResourceResponse as TagResourceResponse,
    UntagResourceRequest as UntagResourceRequest,
    UntagResourceResponse as UntagResourceResponse,
)
from kmsmodel.policy.grant import GrantConstraints as GrantConstraints
from kmsmodel.policy.policies import Policies as Policies
from kmsmodel.record import RecordedCall as RecordedCall
from kmsmodel.service import (
    dispatch as dispatch,
    explain as explain,
    handle as handle,
    respond as respond,
)
from kmsmodel.storage.snapshot import (
    from_json as from_json,
    to_json as to_json,
)
from kmsmodel.trail.cloudtrail import cloudtrail_records as cloudtrail_records
from kmsmodel.trail.eventbridge import eventbridge_event as eventbridge_event
from kmsmodel.trail.exchange import (
    Exchange as Exchange,
    exchange as exchange,
)
from kmsmodel.trail.traits import (
    TRAITS as TRAITS,
    Traits as Traits,
    keys_of as keys_of,
)
from kmsmodel.wire import (
    HttpResponse as HttpResponse,
)
from kmsmodel.words.enumerations import (
    AlgorithmSpec as AlgorithmSpec,
    ConnectionErrorCodeType as ConnectionErrorCodeType,
    ConnectionStateType as ConnectionStateType,
    CustomerMasterKeySpec as CustomerMasterKeySpec,
    CustomKeyStoreType as CustomKeyStoreType,
    DataKeyPairSpec as DataKeyPairSpec,
    DataKeySpec as DataKeySpec,
    DryRunModifierType as DryRunModifierType,
    EncapsulationAlgorithmSpec as EncapsulationAlgorithmSpec,
    EncryptionAlgorithmSpec as EncryptionAlgorithmSpec,
    ExpirationModelType as ExpirationModelType,
    GrantOperation as GrantOperation,
    ImportState as ImportState,
    ImportType as ImportType,
    IncludeKeyMaterial as IncludeKeyMaterial,
    KeyAgreementAlgorithmSpec as KeyAgreementAlgorithmSpec,
    KeyEncryptionMechanism as KeyEncryptionMechanism,
    KeyLastUsageTrackingOperation as KeyLastUsageTrackingOperation,
    KeyManagerType as KeyManagerType,
    KeyMaterialState as KeyMaterialState,
    KeySpec as KeySpec,
    KeyState as KeyState,
    KeyUsageType as KeyUsageType,
    MacAlgorithmSpec as MacAlgorithmSpec,
    MessageType as MessageType,
    MultiRegionKeyType as MultiRegionKeyType,
    OriginType as OriginType,
    ResourceOwnerType as ResourceOwnerType,
    RotationType as RotationType,
    SigningAlgorithmSpec as SigningAlgorithmSpec,
    WrappingKeySpec as WrappingKeySpec,
    XksProxyConnectivityType as XksProxyConnectivityType,
)
