// Who a service is to Azure: it pulls images, and gets what else it may from the modules that own it.
metadata description = 'An identity of services.'

@description('Location of the identity.')
param location string

@description('Name of the identity, without its prefix and suffix.')
param name string

@description('Name of the container registry.')
param registry string

var suffix = uniqueString(resourceGroup().id)
var pullRole = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '7f951dda-4ed3-4680-a7ca-43fe172d538d')

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-${name}-${suffix}'
  location: location
}

resource images 'Microsoft.ContainerRegistry/registries@2023-07-01' existing = {
  name: registry
}

resource pull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(images.id, identity.id, pullRole)
  scope: images
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: pullRole
  }
}

@description('Resource id of the identity.')
output id string = identity.id

@description('Its name, which is its role in Postgres where it has one.')
output name string = identity.name

@description('Its client id, with which a service asks for tokens.')
output clientId string = identity.properties.clientId

@description('Its principal id, which roles are assigned to.')
output principalId string = identity.properties.principalId
