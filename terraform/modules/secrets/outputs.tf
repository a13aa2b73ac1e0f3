output "ids" {
  description = "Full id of each secret."
  value       = { for name, secret in google_secret_manager_secret.this : name => secret.id }
}
