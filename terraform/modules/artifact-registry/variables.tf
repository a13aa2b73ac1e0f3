variable "project_id" {
  description = "Project of the repository."
  type        = string
}

variable "location" {
  description = "Region of the repository; the one of the services, so that pulling an image costs nothing."
  type        = string
}

variable "name" {
  description = "Name of the repository."
  type        = string
  default     = "seismo"
}

variable "untagged_days" {
  description = "Days after which a version without tag goes."
  type        = number
  default     = 14
}

variable "tagged_days" {
  description = "Days after which any version goes."
  type        = number
  default     = 180
}

variable "keep_count" {
  description = "Newest versions that stay however old they are."
  type        = number
  default     = 10
}

variable "grants" {
  description = "Who may do what with the repository."
  type        = map(object({ role = string, member = string }))
  default     = {}
}
