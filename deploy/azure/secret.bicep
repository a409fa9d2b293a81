// A secret in the key vault, from a parameter that azd asks for.
metadata description = 'A secret in the key vault.'

@description('Location, which azd passes to every module.')
#disable-next-line no-unused-params
param location string

@description('Name of the key vault.')
param vault string

@description('Name of the secret.')
param name string

@description('The secret.')
@secure()
param value string

@description('How the secret is written: text, or base64 for a file of several lines.')
@allowed(['text', 'base64'])
param encoding string

@description('Principal id of an identity that reads this secret and no other; empty where only those of the vault do.')
param readerId string

// Key Vault Secrets User.
var readerRole = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')

resource keyVault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vault
}

resource secret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  parent: keyVault
  name: name
  properties: {
    value: encoding == 'base64' ? base64ToString(value) : value
  }
}

resource reader 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(readerId)) {
  name: guid(secret.id, readerId, readerRole)
  scope: secret
  properties: {
    principalId: readerId
    principalType: 'ServicePrincipal'
    roleDefinitionId: readerRole
  }
}

// Without a version, so that a new value is read within half an hour.
@description('Address of the secret.')
output secretUri string = '${keyVault.properties.vaultUri}secrets/${secret.name}'
