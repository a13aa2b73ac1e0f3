variable "project_id" {
  description = "Project of the job."
  type        = string
}

variable "location" {
  description = "Region of the job."
  type        = string
}

variable "name" {
  description = "Name of the job."
  type        = string
  default     = "migrate"
}

variable "image" {
  description = "First image; later ones come from deployments."
  type        = string
}

variable "account_email" {
  description = "Account that the job runs as."
  type        = string
}

variable "environment" {
  description = "Environment variables."
  type        = map(string)
  default     = {}
}

variable "grants" {
  description = "Who may do what with the job."
  type        = map(object({ role = string, member = string }))
  default     = {}
}
